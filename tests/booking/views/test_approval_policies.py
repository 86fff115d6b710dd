"""Writing down how bookings are approved: pages, permissions, and what they refuse."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from accounts.enums import ScopeKind
from accounts.models import User
from audit.models import AuditLog
from booking.enums import ApprovalMode, ApproverKind
from booking.models import ApprovalPolicy, Resource
from tests.conftest import LogIn
from tests.factories.approvals import make_approval_policy, tier
from tests.factories.roles import give, make_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
NEW = "/manage/approval-policies/new"
EVIL = "<script>alert(1)</script>"


def form(*steps: Mapping[str, object], **changes: object) -> dict[str, object]:
    """What the page sends; steps by their fields."""
    plain: dict[str, object] = {
        "name": "Two steps",
        "role": "",
        "mode": "tiered",
        "answer_hours": 48,
        "holds_slot": "on",
        "tier-TOTAL_FORMS": 5,
        "tier-INITIAL_FORMS": 0,
    }
    for number, step in enumerate(steps):
        plain |= {f"tier-{number}-{name}": value for name, value in step.items()}
    return {**plain, **changes}


LEAD = {"approver": "lead", "needed": "any"}
BOTH = (LEAD, {"approver": "role", "role": "lab_manager", "needed": "all", "over_minutes": 240})


def test_writes_changes_and_removes(as_user: LogIn, chris: User, microscope: Resource) -> None:
    client = as_user(chris)
    assert client.get(NEW).status_code == 200
    made = client.post(NEW, form(*BOTH, resource=microscope.code))
    assert made["Location"] == "/manage/approval-policies"
    policy = ApprovalPolicy.objects.get()
    assert (policy.resource, policy.mode, policy.answer_hours) == (microscope, "tiered", 48)
    assert [str(each) for each in policy.tiers.all()] == [
        "1. Principal investigator",
        "2. Everybody of a role",
    ]
    page = client.get("/manage/approval-policies").content.decode()
    assert "2. Lab manager, all of them (longer than 4 hours)" in page
    assert (
        "2. Lab manager, all" in client.get(f"/resources/{microscope.public_id}").content.decode()
    )
    address = f"/manage/approval-policies/{policy.public_id}"
    assert b'value="240"' in client.get(address).content
    client.post(address, form(LEAD, resource=microscope.code, name=EVIL, holds_slot=""))
    policy.refresh_from_db()
    assert (policy.tiers.count(), policy.holds_slot) == (1, False)
    assert EVIL not in client.get("/manage/approval-policies").content.decode()
    client.post(f"{address}/remove")
    assert not ApprovalPolicy.objects.exists()
    assert list(AuditLog.objects.order_by("pk").values_list("action", flat=True)) == [
        "approval_policy.added",
        "approval_policy.changed",
        "approval_policy.removed",
    ]


@pytest.mark.parametrize(
    "data",
    [
        form(),
        form({"approver": "role", "needed": "any"}),
        form({"approver": "person", "needed": "any"}),
        form({"approver": "person", "person": "nobody"}),
        form({"approver": "nonsense"}),
        form({**LEAD, "over_minutes": 0}),
        form({**LEAD, "over_cost": "-1"}),
        form({**LEAD, "for_roles": ["king"]}),
        form(LEAD, name=" "),
        form(LEAD, mode="nonsense"),
        form(LEAD, role="king"),
        form(LEAD, answer_hours=0),
        form(LEAD, answer_hours=100_000),
        form(LEAD, resource="nonsense"),
        form(mode="conditional"),
        form(*[LEAD] * 6, **{"tier-TOTAL_FORMS": 6}),
    ],
)
def test_nonsense_is_refused_in_words(as_user: LogIn, chris: User, data: dict[str, object]) -> None:
    answer = as_user(chris).post(NEW, data)
    assert answer.status_code == 422
    assert "alert-danger" in answer.content.decode()
    assert not ApprovalPolicy.objects.exists()


def test_one_policy_for_the_same_people_and_place(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    client = as_user(chris)
    client.post(NEW, form(LEAD, resource=microscope.code))
    twice = client.post(NEW, form(LEAD, resource=microscope.code))
    assert twice.status_code == 422
    assert "change that one" in twice.content.decode()
    both = form(
        LEAD, resource=microscope.code, resource_type=str(microscope.resource_type.public_id)
    )
    assert client.post(NEW, both).status_code == 422
    assert ApprovalPolicy.objects.count() == 1


def test_each_where_they_set_policies(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    role = make_role("policy-keeper", "policy.manage")
    give(ada, role, ScopeKind.RESOURCE, microscope.pk)
    own = make_approval_policy(microscope, mode=ApprovalMode.SINGLE, name="Own")
    other = make_approval_policy(second_microscope, mode=ApprovalMode.SINGLE, name="Other")
    client = as_user(ada)
    page = client.get("/manage/approval-policies").content.decode()
    assert own.name in page
    assert other.name not in page
    address = f"/manage/approval-policies/{other.public_id}"
    assert client.get(address).status_code == 404
    assert client.post(f"{address}/remove").status_code == 403
    for data in (form(LEAD), form(LEAD, resource=second_microscope.code)):
        assert client.post(NEW, data).status_code == 422
    assert ApprovalPolicy.objects.count() == 2
    mine = f"/manage/approval-policies/{own.public_id}"
    assert client.post(mine, form(LEAD, resource=microscope.code)).status_code == 302


def test_every_kind_is_said_in_words(
    as_user: LogIn, chris: User, microscope: Resource, second_microscope: Resource
) -> None:
    kinds = {
        ApprovalMode.NONE: "Nobody is asked.",
        ApprovalMode.SINGLE: "A booking waits for approval: Supervisor.",
        ApprovalMode.WITHIN_QUOTA: "Within the quota a booking stands at once",
        ApprovalMode.CONDITIONAL: "your first one there",
    }
    for n, mode in enumerate(kinds):
        make_approval_policy(
            (microscope, second_microscope)[n % 2],
            tier(ApproverKind.SUPERVISOR),
            mode=mode,
            role=("student", "academic")[n // 2],
            first_booking=True,
        )
    page = as_user(chris).get("/manage/approval-policies").content.decode()
    for words in kinds.values():
        assert words in page
