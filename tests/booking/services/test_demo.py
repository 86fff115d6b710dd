"""Demo data: deterministic, around today, and within every rule of the lab."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from accounts.demo import DEMO_PASSWORD
from accounts.models import Project, ProjectMember, ResearchGroup, Unit, User
from audit.models import AuditLog
from booking.enums import LIVE, ApprovalMode, ClaimKind, QuestionKind, Status, VoteState
from booking.errors import ActionRefused
from booking.models import (
    Answer,
    Approval,
    ApprovalPolicy,
    Booking,
    BookingStatus,
    MaintenanceRecord,
    Notification,
    OutboxEvent,
    Question,
    Quota,
    Resource,
    ResourceAccess,
    ResourceCalendar,
    ResourceType,
    UsageSession,
)
from booking.queries.approvals import awaiting_decision
from booking.queries.calendars import open_periods
from booking.queries.check_ins import missed_bookings
from booking.queries.displaced import is_waiting
from booking.queries.quotas import my_quotas
from booking.services.deadlines import meet_deadlines
from booking.services.demo import load_demo
from booking.services.quota_ledger import check_ledger
from booking.services.tidying import tidy_bookings
from labitory.lib.periods import Period
from tests.booking.services.conftest import DemoAt
from tests.factories.people import make_user
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _development(settings: LazySettings) -> None:
    settings.DEMO_LOGINS = True


def test_makes_a_core_facility(now: datetime, demo_at: DemoAt) -> None:
    made = demo_at(now)
    assert made.instruments == Resource.objects.count() == 41
    assert made.people == User.objects.count() == 60
    assert 2500 < made.bookings == Booking.objects.count() < 4000
    assert ResourceType.objects.count() == 9
    assert Resource.objects.filter(capacity__gt=1).count() == 2
    assert Resource.objects.get(is_active=False).closed_reason
    running = MaintenanceRecord.objects.get(start_time__lte=now, end_time__gt=now)
    assert running.resource.name == "Cell sorter 2"
    assert AuditLog.objects.filter(action="demo.loaded").count() == 1


def test_what_waits_is_asked_in_steps(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    pending = Booking.objects.filter(status=Status.PENDING)
    asked = Approval.objects.filter(state=VoteState.WAITING)
    assert set(pending.values_list("pk", flat=True)) == set(asked.values_list("booking", flat=True))
    assert not asked.filter(votes=None).exists()
    assert asked.filter(escalated_at__isnull=False).count() == 1
    assert set(ApprovalPolicy.objects.values_list("mode", flat=True)) == set(ApprovalMode.values)
    ben = User.objects.get(username="ben")
    mine = awaiting_decision(ben, now=now)
    assert "Super-resolution microscope" in mine.values_list("resource__name", flat=True)
    assert meet_deadlines(now=now) == 0


def test_statuses_make_sense_now(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    past = Counter(Booking.objects.filter(end_time__lte=now).values_list("status", flat=True))
    assert set(past) == {"completed", "no_show", "cancelled", "rejected"}
    future = Counter(Booking.objects.filter(start_time__gt=now).values_list("status", flat=True))
    assert set(future) == {"confirmed", "pending", "cancelled", "rejected"}
    running = Booking.objects.filter(start_time__lte=now, end_time__gt=now)
    assert running.filter(status=Status.CHECKED_IN).exists()
    assert not BookingStatus.objects.filter(at__gt=now).exists()
    assert tidy_bookings(now=now) == 0


def test_use_is_told_beside_the_plan(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now + timedelta(hours=3))
    sessions = UsageSession.objects.all()
    running = Booking.objects.filter(status=Status.CHECKED_IN)
    assert sessions.filter(ended_at=None).count() == running.count()
    late = sessions.get(ended_at=None, planned_end__lte=now + timedelta(hours=3))
    assert late.booking.status == Status.CHECKED_IN
    assert sessions.filter(ended_at__lt=F("planned_end")).exists()
    assert sessions.filter(ended_at__gt=F("planned_end")).exists()
    assert not sessions.filter(ended_at__lt=F("started_at")).exists()
    assert set(Question.objects.values_list("kind", flat=True)) == set(QuestionKind)
    assert Answer.objects.filter(number__isnull=False).exists()
    assert missed_bookings(now + timedelta(hours=10)).exists()


def test_every_step_leads_to_the_status(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    for booking in Booking.objects.prefetch_related("steps"):
        steps = list(booking.steps.all())
        assert steps[0].from_status == ""
        assert steps[-1].to_status == booking.status
        for before, after in pairwise(steps):
            assert before.to_status == after.from_status
            assert before.at <= after.at


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 2, 7, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),  # the night with an hour less
        datetime(2026, 10, 24, 22, 15, tzinfo=UTC),  # before the night with an hour more
        datetime(2026, 12, 25, 12, 0, tzinfo=UTC),  # a holiday
    ],
)
def test_bookings_keep_opening_hours_claims_and_people(moment: datetime, demo_at: DemoAt) -> None:
    demo_at(moment)
    window = Period(moment - timedelta(days=50), moment + timedelta(days=50))
    hours = open_periods(resources=list(Resource.objects.all()), window=window)
    people: dict[int, list[Period]] = {}
    live = Booking.objects.filter(status__in=LIVE).order_by("start_time")
    for booking in live:
        assert any(each.contains(booking.period) for each in hours[booking.resource_id])
        own = people.setdefault(booking.user_id, [])
        assert not own or own[-1].end <= booking.start_time, booking.user
        own.append(booking.period)
    # What waits where a policy leaves its time free claims nothing yet.
    kept = live.filter(end_time__gt=moment - timedelta(days=30)).exclude(
        status=Status.PENDING, resource__approval_policies__holds_slot=False
    )
    # Nor does what maintenance displaced, until its person has answered.
    kept = kept.exclude(is_waiting())
    claims = ResourceCalendar.objects.filter(kind=ClaimKind.BOOKING)
    assert kept.count() == claims.filter(booking__in=kept).count()
    assert not ResourceCalendar.objects.filter(booking__isnull=False).exclude(
        booking__status__in=LIVE
    )


def test_the_cast_finds_something_to_do(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    ada, ben, chris, eve = (
        User.objects.get(username=name) for name in ("ada", "ben", "chris", "eve")
    )
    soon = Booking.objects.filter(end_time__gt=now, start_time__lt=now + timedelta(days=2))
    for user in (ada, ben):
        assert soon.filter(user=user, status__in=("confirmed", "checked_in")).count() >= 2
        assert user.favourites.count() == 3
        assert Notification.objects.filter(user=user).exists()
    assert Notification.objects.filter(user=chris, title__startswith="Please decide").count() > 3
    assert not ResourceAccess.objects.filter(user=eve).exists()
    assert not Booking.objects.filter(user=eve).exists()
    assert not OutboxEvent.objects.filter(dispatched_at=None).exists()


def test_everybody_has_a_group_and_projects_are_charged(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    assert Unit.objects.filter(kind="faculty").count() == 2
    assert ResearchGroup.objects.count() == 5
    group = ResearchGroup.objects.get(lead__username="ben")
    assert group.members.filter(user__username="ada").exists()
    assert group.join_requests.get().user.username == "eve"
    for group in ResearchGroup.objects.all():
        assert group.members.count() > 2
    charged = Booking.objects.filter(project__isnull=False).select_related("project__group")
    assert charged.count() > 1000
    allowed = {(member.project_id, member.user_id) for member in ProjectMember.objects.all()} | {
        (each.pk, each.group.lead_id) for each in Project.objects.select_related("group")
    }
    for booking in charged:
        assert (booking.project_id, booking.user_id) in allowed
        project = booking.project
        assert project is not None
        assert project.ends_on is not None
        assert project.starts_on < booking.start_time.date() < project.ends_on
    assert User.objects.get(username="eve").group_memberships.count() == 0


def test_only_the_cast_can_log_in(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    assert authenticate(username="ada", password=DEMO_PASSWORD) is not None
    assert not User.objects.get(username="student07").has_usable_password()
    assert sum(user.has_usable_password() for user in User.objects.all()) == 5


def test_the_same_day_gives_the_same_data(now: datetime, demo_at: DemoAt) -> None:
    with transaction.atomic():
        demo_at(now)
        first = all_bookings()
        transaction.set_rollback(True)
    load_demo(now=now)
    assert len(first) > 2500
    assert first == all_bookings()


def all_bookings() -> list[tuple[Any, ...]]:
    return list(
        Booking.objects.order_by("public_id").values_list(
            "public_id", "resource__code", "user__username", "start_time", "status"
        )
    )


def test_leaves_a_lab_with_resources_as_it_is(now: datetime) -> None:
    make_resource("Own instrument")
    make_user("ada")
    assert load_demo(now=now, if_empty=True).instruments == 0
    assert Resource.objects.count() == 1
    # The logins that the start prints work there as well.
    assert authenticate(username="ben", password=DEMO_PASSWORD) is not None
    assert authenticate(username="ada", password=DEMO_PASSWORD) is None
    with pytest.raises(ActionRefused):
        load_demo(now=now)


def test_refuses_outside_development(settings: LazySettings, now: datetime) -> None:
    settings.DEMO_LOGINS = False
    with pytest.raises(CommandError, match="development only"):
        call_command("load_demo")
    assert not User.objects.exists()


def test_command_says_what_it_made(now: datetime) -> None:
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert out.getvalue().startswith("41 instruments, 60 people, ")
    again = StringIO()
    call_command("load_demo", if_empty=True, stdout=again)
    assert "nothing was loaded" in again.getvalue()


def test_shows_quotas_with_their_ledger(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    assert check_ledger(now=now) == []
    assert not Quota.objects.get(name="Summer school").accounts.exists()
    ada = User.objects.get(username="ada")
    held = {each.quota.name: each for each in my_quotas(viewer=ada, now=now)}
    assert held["Microscopes, students"].balance.left > 0
    assert held["Microscopes, students"].added >= 120
    assert held["Groups, a quarter"].shared_by == "Cell biology"
    assert held["Groups, a quarter"].balance.taken > 0
    assert held["Live cell imaging, CB-1042"].balance.taken > 0
