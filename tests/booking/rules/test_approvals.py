"""Who is asked before a booking stands: by the kind of policy, its conditions and its steps."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.enums import Role
from booking.enums import ApprovalMode, ApproverKind, Needed
from booking.rules.approvals import is_outside_hours, plan_approval
from booking.rules.prices import PriceFacts
from booking.rules.request import ApprovalFacts, TierFacts
from labitory.lib.periods import Period
from tests.factories.requests import ZONE, ask, own, span

LEAD, LAB = ApproverKind.LEAD, ApproverKind.RESPONSIBLE


def policy(mode: ApprovalMode, *tiers: TierFacts, **fields: Any) -> ApprovalFacts:
    plain: dict[str, Any] = {"holds_slot": True, "answer_hours": 24}
    return ApprovalFacts(id=1, mode=mode, tiers=tiers, **{**plain, **fields})


def tier(approver: ApproverKind = LEAD, needed: Needed = Needed.ALL, **fields: Any) -> TierFacts:
    return TierFacts(approver=approver, needed=needed, **fields)


def an_hour(amount: str) -> PriceFacts:
    return PriceFacts(per_hour=Decimal(amount), per_booking=Decimal(0), valid_from=date(2020, 1, 1))


def asked(facts: ApprovalFacts | None, period: Period | None = None, **more: Any) -> list[str]:
    plan = plan_approval(ask(period, approval=facts, **more))
    return [f"{step.position} {step.approver} {step.needed}" for step in plan.steps]


def test_without_a_policy_the_resource_says() -> None:
    assert asked(None) == []
    assert asked(None, requires_approval=True) == ["1 responsible any"]
    # A policy counts alone, whatever the resource says.
    assert asked(policy(ApprovalMode.NONE), requires_approval=True) == []


def test_one_person_of_the_first_step() -> None:
    assert asked(policy(ApprovalMode.SINGLE)) == ["1 responsible any"]
    assert asked(policy(ApprovalMode.SINGLE, tier(), tier(LAB))) == ["1 lead any"]


def test_steps_in_order_with_their_thresholds() -> None:
    steps = policy(
        ApprovalMode.TIERED,
        tier(),
        tier(LAB, over_minutes=120),
        tier(ApproverKind.ROLE, role=Role.LAB_MANAGER, over_cost=Decimal(50)),
        tier(ApproverKind.SUPERVISOR, for_roles=frozenset({Role.RESEARCHER})),
    )
    assert asked(steps, span(1, 3)) == ["1 lead all"]
    assert asked(steps, span(1, 3.25)) == ["1 lead all", "2 responsible all"]
    assert asked(steps, span(1, 3), prices=(an_hour("25.50"),)) == ["1 lead all", "2 role all"]
    # It is dearer than, not as dear as; and what has no price is not dear.
    assert asked(steps, span(1, 3), prices=(an_hour("25.00"),)) == ["1 lead all"]
    students = policy(ApprovalMode.TIERED, tier(for_roles=frozenset({Role.STUDENT})))
    assert asked(students) == ["1 lead all"]
    # Steps of which none holds ask nobody.
    assert asked(policy(ApprovalMode.TIERED, tier(over_minutes=600))) == []


def test_within_the_quota_it_stands_by_itself() -> None:
    within = policy(ApprovalMode.WITHIN_QUOTA)
    assert asked(within) == []
    assert asked(within, over_quota=True) == ["1 responsible any"]


def test_a_condition_asks() -> None:
    conditional = ApprovalMode.CONDITIONAL
    assert asked(policy(conditional, over_minutes=60), span(1, 2)) == []
    assert asked(policy(conditional, over_minutes=60), span(1, 3)) == ["1 responsible any"]
    assert asked(policy(conditional, outside_hours=True), span(1, 2)) == []
    assert asked(policy(conditional, outside_hours=True), span(9, 11)) == ["1 responsible any"]
    first = policy(conditional, first_booking=True)
    assert asked(first) == ["1 responsible any"]
    known = policy(conditional, first_booking=True, earlier_ids=(5,))
    assert asked(known) == []
    # Moving the first one does not make it a second.
    assert asked(known, existing=own(span(1, 2), id=5)) == ["1 responsible any"]


@pytest.mark.parametrize(
    ("start", "end", "outside"),
    [
        (0, 10, False),  # Monday, 8:00 to 18:00 in the lab
        (-0.25, 1, True),
        (9, 10.25, True),
        (9, 33, True),
        (24 * 5 + 2, 24 * 5 + 3, True),  # Saturday
        (24 * 4 + 2, 24 * 4 + 3, False),
    ],
)
def test_the_working_day_is_the_labs(start: float, end: float, outside: bool) -> None:
    assert is_outside_hours(span(start, end), ZONE) is outside


def test_how_it_waits() -> None:
    plan = plan_approval(ask(approval=policy(ApprovalMode.SINGLE, holds_slot=False)))
    assert (plan.is_needed, plan.holds_slot, plan.answer_hours) == (True, False, 24)
    usual = plan_approval(ask(requires_approval=True))
    assert (usual.holds_slot, usual.answer_hours) == (True, 72)
