"""Whatever the rules read of a resource stands in a sentence: a table of every field."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from booking.enums import (
    ApprovalMode,
    ApproverKind,
    Limit,
    Measure,
    Needed,
    QuotaHolder,
    QuotaPeriod,
)
from booking.models import Fault, OpeningHours, Resource, ResourceAccess, ResourceLink
from booking.queries.approval_policies import say_approval
from booking.queries.readable_policies import resource_rules
from booking.queries.rules_in_words import (
    course_sentences,
    fault_sentences,
    limit_chapters,
    price_sentences,
    project_sentences,
    quota_sentences,
)
from booking.rules.prices import PriceFacts
from booking.rules.request import (
    ApprovalFacts,
    AssessmentFacts,
    CourseFacts,
    FaultFacts,
    ProjectFacts,
    QuotaFacts,
    ResourceFacts,
    TierFacts,
)
from tests.factories.resources import make_resource

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


def change(tool: Resource, **values: Any) -> None:
    Resource.objects.filter(pk=tool.pk).update(**values)


def close(tool: Resource) -> None:
    change(tool, is_active=False, closed_reason="Moved")


def let_in(tool: Resource, ada: User) -> None:
    change(tool, requires_access=True)
    ResourceAccess.objects.create(
        resource=tool,
        user=ada,
        granted_by=ada,
        granted_at=NOW,
        expires_at=NOW + timedelta(days=5),
    )


def link(tool: Resource) -> None:
    ResourceLink.objects.create(resource=tool, linked=make_resource("Shared laser"))


def open_mondays(tool: Resource) -> None:
    OpeningHours.objects.create(resource=tool, weekday=0, opens_at=time(8), closes_at=time(18))


def report(tool: Resource, ada: User) -> None:
    Fault.objects.create(
        resource=tool,
        title="Laser",
        reported_by=ada,
        reported_at=NOW,
        due_at=NOW,
        blocks_use=True,
    )


NAMES = {7: "Ben Academic"}
QUOTA = QuotaFacts(
    id=1,
    public_id=UUID(int=1),
    name="Hours",
    measure=Measure.MINUTES,
    amount=Decimal(600),
    period=QuotaPeriod.ROLLING,
    rolling_days=30,
    holder=QuotaHolder.USER,
    holder_id=1,
    carry_percent=0,
    overdraft=Decimal(0),
    grab_hours=None,
    counts_no_shows=True,
    created_at=NOW,
)
QUOTAS: dict[str, tuple[Any, str]] = {
    "name": ("Turns", "The quota “Turns” gives 10 hours in any 30 days."),
    "measure": (Measure.COUNT, "gives 600 bookings in any 30 days."),
    "amount": (Decimal(90), "gives 1 hour 30 minutes in any 30 days."),
    "period": (QuotaPeriod.QUARTER, "gives 10 hours a quarter."),
    "rolling_days": (7, "gives 10 hours in any 7 days."),
    "holder": (QuotaHolder.GROUP, "Your research group shares it."),
    "carry_percent": (50, "50 percent of what is left goes into the next period."),
    "overdraft": (Decimal(120), "2 hours more can be had with approval."),
    "grab_hours": (24, "What is still free 1 day before it starts does not count."),
    "counts_no_shows": (False, "What was missed is given back."),
}
APPROVAL = ApprovalFacts(
    id=1,
    mode=ApprovalMode.CONDITIONAL,
    holds_slot=True,
    answer_hours=72,
    over_minutes=60,
    tiers=(TierFacts(approver=ApproverKind.LEAD, needed=Needed.ANY),),
)
APPROVALS: dict[str, tuple[Any, str]] = {
    "mode": (ApprovalMode.SINGLE, "A booking waits for approval: Principal investigator."),
    "holds_slot": (False, "Until then somebody else may take the time."),
    "answer_hours": (48, "Whoever is asked has 2 days to answer"),
    "over_minutes": (240, "when it is longer than 4 hours."),
    "outside_hours": (True, "or between 18:00 and 8:00 or at a weekend"),
    "first_booking": (True, "or your first one there"),
    "tiers": ((), "A booking waits for approval (Responsible persons)"),
}
MODES = {
    ApprovalMode.SINGLE: "A booking waits for approval: Principal investigator.",
    ApprovalMode.TIERED: "1. Principal investigator, any one",
    ApprovalMode.WITHIN_QUOTA: "beyond it waits for: Principal investigator.",
    ApprovalMode.CONDITIONAL: "A booking waits for approval (Principal investigator) when it is",
}
TIER = TierFacts(approver=ApproverKind.RESPONSIBLE, needed=Needed.ANY)
TIERS: dict[str, tuple[dict[str, Any], str]] = {
    "approver": ({"approver": ApproverKind.SUPERVISOR}, "1. Supervisor, any one"),
    "needed": ({"needed": Needed.ALL}, "1. Responsible persons, all of them"),
    "role": ({"approver": ApproverKind.ROLE, "role": "lab_manager"}, "1. Lab manager, any one"),
    "person_id": ({"approver": ApproverKind.PERSON, "person_id": 7}, "1. Ben Academic, any one"),
    "over_minutes": ({"over_minutes": 240}, "(longer than 4 hours)"),
    "over_cost": ({"over_cost": Decimal(9)}, "(dearer than 9.00\N{NO-BREAK SPACE}EUR)"),
    "outside_hours": ({"outside_hours": True}, "(outside the working day)"),
    "for_roles": ({"for_roles": frozenset({"student"})}, "(Student)"),
}
FAULT = FaultFacts(public_id=UUID(int=1), title="Laser", blocks=True)
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "title": ({"title": "Lens"}, "(Lens): nothing that starts within a day is booked."),
    "blocks": ({"blocks": False}, "Confocal 1 has a fault (Laser), and can be used."),
    "back_at": ({"back_at": NOW}, "nothing that starts before Mon 2 Mar 2026, 08:00"),
    "of_linked": ({"of_linked": "Ti:Sa"}, "Ti:Sa is out of order (Laser)"),
}
COURSE = CourseFacts(public_id=UUID(int=1), title="Basics")
COURSES: dict[str, tuple[dict[str, Any], str]] = {
    "title": ({"title": "Lasers"}, "You must have passed the course “Lasers”."),
    "passed_on": ({}, "You must have passed the course “Basics”."),
    "expires_on": ({"expires_on": date(2026, 4, 1)}, "must be valid until the booking is over"),
    "teaches": ({"teaches": True}, "who gives a course knows it"),
    "decay_days": ({"decay_days": 90}, "and used it within 90 days"),
    "used_at": ({"decay_days": 90, "used_at": NOW}, "and used it within 90 days"),
}
PROJECTS = {
    "is_member": "that you belong to",
    "is_active": "that is open",
    "starts_on": "valid on all its days",
    "ends_on": "valid on all its days",
    "covers_resource": "names instruments pays for these alone",
}
LIMITS = {
    Limit.MIN_LENGTH: "A booking lasts at least 2 hours.",
    Limit.MAX_LENGTH: "A booking lasts at most 2 hours.",
    Limit.LEAD_TIME: "It is booked at least 2 hours before it starts.",
    Limit.HORIZON: "It is booked at most 2 hours ahead.",
    Limit.MINUTES_PER_DAY: "You may book 2 hours a day on Confocal 1.",
    Limit.MINUTES_PER_WEEK: "You may book 2 hours a week on Confocal 1.",
    Limit.ACTIVE_BOOKINGS: "You may have 120 bookings to come on Confocal 1.",
    Limit.FUTURE_MINUTES: "You may hold 2 hours in the future on Confocal 1.",
    Limit.GAP: "Between two bookings of your own lie at least 2 hours.",
    Limit.SERIES_LENGTH: "A series has at most 120 bookings.",
    Limit.CHECK_IN_EARLY: "You can check in from 2 hours before the start.",
    Limit.NO_SHOW_GRACE: "Who has not checked in 2 hours after the start loses the rest",
    Limit.AUTO_CHECK_OUT: "Who is overdue for 2 hours is checked out.",
    Limit.CANCEL_NOTICE: "Who cancels later than 2 hours before the start has cancelled late.",
}
# What is said of the resource itself, or read through the tables above.
PLACES: dict[str, tuple[Callable[[Resource, User], object], str]] = {
    "is_active": (lambda tool, _ada: close(tool), "Nobody can book it now: Moved"),
    "closed_reason": (lambda tool, _ada: close(tool), "Moved"),
    "slot_minutes": (lambda tool, _ada: change(tool, slot_minutes=30), "a grid of 30 minutes."),
    "setup": (lambda tool, _ada: change(tool, setup_minutes=5), "Before each booking 5 minutes"),
    "cleanup": (lambda tool, _ada: change(tool, cleanup_minutes=5), "After each booking 5 minutes"),
    "capacity": (lambda tool, _ada: change(tool, capacity=4), "4 people can use it at once."),
    "requires_access": (lambda tool, _ada: change(tool, requires_access=True), "You have none yet"),
    "has_access": (let_in, "You have access."),
    "access_expires_at": (let_in, "It ends on Sat 7 Mar 2026, 08:00"),
    "requires_approval": (
        lambda tool, _ada: change(tool, requires_approval=True),
        "A booking waits for a responsible person",
    ),
    "requires_assessment": (
        lambda tool, _ada: change(tool, requires_assessment=True),
        "You need a risk assessment of your own",
    ),
    "assessment": (
        lambda tool, _ada: change(tool, requires_assessment=True),
        "not past its review until the booking is over",
    ),
    "linked": (lambda tool, _ada: link(tool), "A booking takes Shared laser as well"),
    "linked_claims": (lambda tool, _ada: link(tool), "must be open and free for it"),
    "open_periods": (lambda tool, _ada: open_mondays(tool), "Open: Mon"),
    "fault": (report, "Confocal 1 is out of order (Laser)"),
}
SAID_ABOVE = {"limits", "scopes", "courses", "approval", "quotas", "prices"}
# What tells one thing from another, or belongs to one booking, is no rule.
NO_RULE = {
    QuotaFacts: {"id", "public_id", "holder_id", "created_at", "accounts"},
    ApprovalFacts: {"id", "earlier_ids"},
    TierFacts: set(),
    FaultFacts: {"public_id"},
    CourseFacts: {"public_id", "session_id", "session_start", "seat_session_id", "seat_start"},
    ProjectFacts: {"id", "public_id", "name", "code"},
    AssessmentFacts: {"review_on"},
    ResourceFacts: {"id", "public_id", "name", "type_id", "zone", "claims"},
}


def test_no_field_is_forgotten() -> None:
    tables: dict[type, set[str]] = {
        QuotaFacts: set(QUOTAS),
        ApprovalFacts: set(APPROVALS),
        TierFacts: set(TIERS),
        FaultFacts: set(FAULTS),
        CourseFacts: set(COURSES),
        ProjectFacts: set(PROJECTS),
        AssessmentFacts: set(),
        ResourceFacts: set(PLACES) | SAID_ABOVE,
    }
    for kind, said in tables.items():
        names = {each.name for each in fields(kind)}
        assert names == said | NO_RULE[kind], kind.__name__
    assert set(LIMITS) == set(Limit)
    assert set(MODES) | {ApprovalMode.NONE} == set(ApprovalMode)


@pytest.mark.parametrize("field", QUOTAS)
def test_quotas(field: str) -> None:
    value, said = QUOTAS[field]
    assert said not in " ".join(quota_sentences([QUOTA]))
    assert said in " ".join(quota_sentences([replace(QUOTA, **{field: value})]))


@pytest.mark.parametrize(
    ("hour", "booking", "said"),
    [
        ("12.5", "0", "An hour costs 12.50\N{NO-BREAK SPACE}EUR."),
        ("0", "0", "It costs nothing."),
        ("0", "5", "A booking costs 5.00\N{NO-BREAK SPACE}EUR, however long it is."),
        (
            "12.5",
            "5",
            "A booking costs 5.00\N{NO-BREAK SPACE}EUR, and 12.50\N{NO-BREAK SPACE}EUR each hour.",
        ),
    ],
)
def test_prices(hour: str, booking: str, said: str) -> None:
    price = PriceFacts(
        per_hour=Decimal(hour), per_booking=Decimal(booking), valid_from=date(2026, 1, 1)
    )
    assert price_sentences(price) == (said,)
    assert price_sentences(None) == ()


def test_a_project_shares_its_quota() -> None:
    shared = replace(QUOTA, holder=QuotaHolder.PROJECT)
    assert "All who charge the same project share it." in quota_sentences([shared])


@pytest.mark.parametrize("field", APPROVALS)
def test_approvals(field: str) -> None:
    value, said = APPROVALS[field]
    assert said not in " ".join(say_approval(APPROVAL, NAMES))
    assert said in " ".join(say_approval(replace(APPROVAL, **{field: value}), NAMES))


@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_approval(mode: ApprovalMode) -> None:
    assert MODES[mode] in " ".join(say_approval(replace(APPROVAL, mode=mode), NAMES))


def test_nobody_is_asked() -> None:
    assert say_approval(replace(APPROVAL, mode=ApprovalMode.NONE), NAMES) == ()


@pytest.mark.parametrize("field", TIERS)
def test_steps(field: str) -> None:
    values, said = TIERS[field]
    tiered = replace(APPROVAL, mode=ApprovalMode.TIERED)
    assert said not in " ".join(say_approval(replace(tiered, tiers=(TIER,)), NAMES))
    changed = replace(tiered, tiers=(replace(TIER, **values),))
    assert said in " ".join(say_approval(changed, NAMES))


@pytest.mark.parametrize("field", FAULTS)
def test_faults(field: str) -> None:
    values, said = FAULTS[field]
    tool = Resource(name="Confocal 1", time_zone="Europe/Berlin")
    assert tool.zone == ZoneInfo("Europe/Berlin")
    assert said not in " ".join(fault_sentences(FAULT, tool))
    assert said in " ".join(fault_sentences(replace(FAULT, **values), tool))
    assert fault_sentences(None, tool) == ()


@pytest.mark.parametrize("field", COURSES)
def test_courses(field: str) -> None:
    values, said = COURSES[field]
    assert said in " ".join(course_sentences([replace(COURSE, **values)]))
    assert course_sentences([]) == ()


@pytest.mark.parametrize("field", PROJECTS)
def test_projects(field: str) -> None:
    assert PROJECTS[field] in project_sentences()[0]


@pytest.mark.parametrize("limit", LIMITS)
def test_limits(limit: Limit) -> None:
    def said(limits: dict[Limit, int]) -> str:
        chapters = limit_chapters(limits, dict.fromkeys(Limit, "resource"), "Confocal 1")
        return " ".join(" ".join(each.sentences) for each in chapters)

    assert LIMITS[limit] in said({limit: 120})
    assert LIMITS[limit] not in said({limit: 60})
    assert LIMITS[limit] not in said({})
    assert ("less of it counts" in said({limit: 60})) == (limit == Limit.CANCEL_NOTICE)


@pytest.mark.django_db
@pytest.mark.parametrize("field", PLACES)
def test_resources(field: str, ada: User, microscope: Resource) -> None:
    def said() -> str:
        found = resource_rules(viewer=ada, public_id=microscope.public_id, now=NOW)
        assert found is not None
        return " ".join(" ".join(each.sentences) for each in found.chapters)

    alter, words = PLACES[field]
    assert words not in said()
    alter(microscope, ada)
    assert words in said()
