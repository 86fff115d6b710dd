"""What would happen if: the answer before anything is submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from booking.errors import BookingOver, Refusal, Repair, unknown_resources
from booking.models import Booking, Resource
from booking.permissions import can_book_unasked, can_override_rules
from booking.queries._facts_parts import fault_facts
from booking.queries.facts import build_request, load_resources, load_time, sane_window
from booking.queries.repairs import Asked, suggest_repairs
from booking.rules import check_booking
from booking.rules.approvals import ApprovalPlan, plan_approval
from booking.rules.faults import OUT_OF_ORDER
from booking.rules.request import FaultFacts, OwnBooking
from booking.rules.shares import NOTHING, Balance, weigh
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """All refusals of a wish, the legal alternatives, and what the actor could do about them."""

    refusals: tuple[Refusal, ...]
    repairs: tuple[Repair, ...]
    needs_approval: bool
    # Whether it would hold its time until it is approved.
    holds_time: bool
    # Whether this actor may override every refusal, with a reason.
    overridable: bool
    # What would be left of each quota that counts it.
    balances: tuple[Balance, ...] = ()
    # What is wrong with the resources, as far as it refuses nothing.
    faults: tuple[FaultFacts, ...] = ()
    # What it would cost altogether; None: nothing of it has a price.
    cost: Decimal | None = None

    @property
    def allowed(self) -> bool:
        """Whether the booking could be made as it is."""
        return not self.refusals


def preview_booking(
    *,
    actor: User,
    user: User,
    resource_ids: Sequence[UUID],
    period: Period,
    now: datetime,
    seats: int = 1,
    existing: Booking | None = None,
    project_id: UUID | None = None,
    with_repairs: bool = True,
) -> Preview:
    """Ask the rules what they would say, without booking: the same rules, the same facts.

    A booking that is over cannot be moved, and a resource that does not exist is refused.
    """
    window = sane_window(period, now)
    resources = load_resources(
        user=user, window=window, now=now, public_ids=resource_ids, project_id=project_id
    )
    asked = Asked(
        actor=actor,
        user=user,
        resource_ids=[resource.public_id for resource in resources],
        period=period,
        now=now,
        seats=seats,
        existing=existing,
        project_id=project_id,
    )
    said = _ask_rules(asked, resources, window)
    refusals = (*_senseless(asked, resource_ids), *said.refusals)
    return Preview(
        refusals=refusals,
        repairs=suggest_repairs(asked).repairs if refusals and with_repairs else (),
        needs_approval=any(plan.is_needed for plan in said.approvals),
        holds_time=all(plan.holds_slot for plan in said.approvals if plan.is_needed),
        overridable=bool(refusals)
        and all(each.is_overridable for each in refusals)
        and all(can_override_rules(actor, resource) for resource in resources),
        balances=said.balances,
        cost=sum(said.costs, NOTHING) if said.costs else None,
        faults=tuple(
            fault
            for fault in map(fault_facts, resources)
            if fault and not any(each.code == OUT_OF_ORDER for each in refusals)
        ),
    )


def _senseless(asked: Asked, wanted: Sequence[UUID]) -> tuple[Refusal, ...]:
    """What no rule is asked about: the booking that would be moved, and the named resources."""
    found: list[Refusal] = []
    moved = asked.existing
    if moved is not None and not (moved.is_open and moved.end_time > asked.now):
        found += BookingOver(moved.get_status_display()).refusals
    missing = [key for key in wanted if key not in asked.resource_ids]
    if missing or not wanted or len(set(wanted)) < len(wanted):
        found += unknown_resources(missing).refusals
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the rules say: every no once, who would be asked on each resource, what is left."""

    refusals: tuple[Refusal, ...]
    approvals: tuple[ApprovalPlan, ...]
    balances: tuple[Balance, ...]
    # Of those resources that have a price.
    costs: tuple[Decimal, ...]


def _ask_rules(asked: Asked, resources: Sequence[Resource], window: Period) -> _Said:
    """What the rules say about each resource, in order."""
    facts = load_time(
        resources=resources,
        actor=asked.actor,
        user=asked.user,
        window=window,
        now=asked.now,
        existing=asked.existing,
    )
    refusals: list[Refusal] = []
    approvals: list[ApprovalPlan] = []
    # Each resource is weighed with those before it: of a quota the last word counts.
    balances: dict[tuple[int, int], Balance] = {}
    costs: list[Decimal | None] = []
    siblings: tuple[OwnBooking, ...] = ()
    for resource in resources:
        request = build_request(
            resource=resource,
            time_facts=facts,
            actor=asked.actor,
            user=asked.user,
            period=asked.period,
            now=asked.now,
            seats=asked.seats,
            existing=asked.existing,
            siblings=siblings,
            project_id=asked.project_id,
        )
        refusals += [each for each in check_booking(request) if each not in refusals]
        if not can_book_unasked(asked.actor, resource, asked.existing):
            approvals.append(plan_approval(request))
        balances |= {(each.quota.id, each.quota.holder_id): each for each in weigh(request)}
        costs.append(request.cost)
        siblings = (*siblings, request.asked)
    return _Said(
        refusals=tuple(refusals),
        approvals=tuple(approvals),
        balances=tuple(balances.values()),
        costs=tuple(each for each in costs if each is not None),
    )
