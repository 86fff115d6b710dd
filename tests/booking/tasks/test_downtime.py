"""What comes round may come twice, and a day late: the second run finds nothing left to do."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.conf import settings

from accounts.models import User
from booking.enums import (
    AccessLevel,
    ApprovalMode,
    AssessmentKind,
    AssessmentState,
    Limit,
    RiskLevel,
    Severity,
    Status,
    Timing,
)
from booking.models import (
    BookingPolicy,
    Heartbeat,
    Hold,
    Incident,
    RemoteCalendar,
    Resource,
    ResourceAccess,
    RiskAssessment,
)
from booking.rules.proposals import LimitRow
from booking.services.access_requests import AccessWish, ask_for_access
from booking.services.bookings import cancel_booking, create_booking
from booking.services.check_ins import check_in
from booking.services.faults import FaultReport, report_fault
from booking.services.freed_time import serve_waiting
from booking.services.holds import hold_time
from booking.services.maintenance import WorkDetails
from booking.services.maintenance_plans import Rhythm, make_plan
from booking.services.policy_trials import TrialWish, start_trial
from booking.services.reach import choose_timings
from booking.services.reminders import (
    remind_of_check_ins,
    remind_of_ends,
    remind_of_held,
    remind_of_starts,
)
from booking.tasks import calendars, notifications
from labitory.lib.periods import Period
from tests.factories.approvals import make_approval_policy, tier
from tests.factories.bookings import make_booking
from tests.factories.quotas import assert_adds_up, make_quota
from tests.factories.training import make_course, make_qualification
from tests.factories.waiting import hours, make_entry
from tests.support.tables import changed, contents

pytestmark = [pytest.mark.django_db]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OURS = {
    name: entry["task"]
    for name, entry in settings.BEAT_SCHEDULE.items()
    if entry["task"].startswith("booking.")
}
# Looks and reports; it repairs nothing by itself.
READS_ONLY = {"check-quotas"}
# How far the work has come moves with every run, and that there is a worker is said by each.
MARKS = {"booking_reminderrun", "booking_heartbeat"}
# What an event brings about is an event of its own, for which the workers are woken again.
IN_TWO = {"sweep-outbox"}


class Lab:
    """A lab in which something waits for each task; a method each, which gives when it is due."""

    def __init__(self, people: dict[str, User], resource: Resource, now: datetime) -> None:
        self.ada, self.ben, self.chris = people["ada"], people["ben"], people["chris"]
        self.resource, self.now = resource, now

    def book(self, user: User, start: datetime) -> None:
        """Somebody books an hour."""
        create_booking(
            actor=user,
            user=user,
            resource_ids=[self.resource.public_id],
            period=Period(start, start + HOUR),
            now=self.now,
        )

    def sweep_outbox(self) -> datetime:
        """Something to tell, also to who waits."""
        self.book(self.ada, self.now + 3 * DAY)
        gone = make_booking(self.ada, self.resource, self.now + 4 * DAY)
        make_entry(self.ben, hours(self.now, 90, 110), at=self.now, resource=self.resource)
        cancel_booking(actor=self.ada, booking_id=gone.public_id, now=self.now)
        return self.now + 10 * MINUTE

    def heartbeat_notifications(self) -> datetime:
        """Nothing but a worker."""
        return self.now

    heartbeat_maintenance = heartbeat_reports = heartbeat_notifications

    def watch_system(self) -> datetime:
        """A queue without a worker."""
        Heartbeat.objects.create(queue="reports", at=self.now - HOUR)
        return self.now

    def forget_results(self) -> datetime:
        """Something that was wrong two years ago."""
        began = self.now - 700 * DAY
        Incident.objects.create(kind="queue", subject="reports", began_at=began, ended_at=began)
        return self.now

    def sync_calendars(self) -> datetime:
        """A calendar server whose turn it is."""
        RemoteCalendar.objects.create(
            user=self.ada,
            url="https://dav.example.org/ada/",
            next_sync_at=self.now,
            created_at=self.now,
        )
        return self.now

    def tidy_bookings(self) -> datetime:
        """What is over, what nobody decided, and a hold that ran out."""
        make_booking(self.ada, self.resource, self.now + HOUR)
        make_booking(self.ada, self.resource, self.now + 2 * HOUR, status=Status.PENDING)
        period = hours(self.now, 4, 5)
        key = self.resource.public_id
        hold_time(actor=self.ben, resource_id=key, period=period, now=self.now)
        return self.now + 3 * HOUR

    def tidy_sessions(self) -> datetime:
        """Somebody who did not come, and somebody who forgot to leave."""
        BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=15)
        BookingPolicy.objects.create(limit=Limit.AUTO_CHECK_OUT, value=60)
        used = make_booking(self.ben, self.resource, self.now)
        check_in(actor=self.ben, booking_id=used.public_id, now=self.now)
        before = self.now - DAY
        make_booking(
            self.ada, self.resource, self.now + 2 * HOUR, created_at=before, updated_at=before
        )
        return self.now + 3 * HOUR

    def remind_of_starts(self) -> datetime:
        """Two bookings: a day before the first, and late a day before the second."""
        choices = {("booking.upcoming", "in_app"): Timing.NOW}
        choose_timings(actor=self.ada, user=self.ada, choices=choices, now=self.now)
        remind_of_starts(now=self.now)
        for start in (self.now + 3 * DAY, self.now + 3 * DAY + HOUR):
            make_booking(self.ada, self.resource, start)
        return self.now + 2 * DAY + MINUTE

    def remind_of_ends(self) -> datetime:
        """Somebody whose time is over in ten minutes."""
        remind_of_ends(now=self.now)
        make_booking(self.ada, self.resource, self.now, status=Status.CHECKED_IN)
        return self.now + HOUR - 10 * MINUTE

    def remind_of_check_ins(self) -> datetime:
        """Somebody who has not come after twenty-five minutes, and must within thirty."""
        remind_of_check_ins(now=self.now)
        BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=30)
        before = self.now - DAY
        make_booking(self.ada, self.resource, self.now, created_at=before, updated_at=before)
        return self.now + 25 * MINUTE

    def remind_of_held(self) -> datetime:
        """Time that somebody keeps and has not booked, for some minutes more."""
        remind_of_held(now=self.now)
        hold = hold_time(
            actor=self.ada,
            resource_id=self.resource.public_id,
            period=hours(self.now, 4, 5),
            now=self.now,
        )
        Hold.objects.filter(pk=hold.pk).update(expires_at=self.now + 2 * DAY + 5 * MINUTE)
        return self.now + 2 * DAY

    def tidy_waiting(self) -> datetime:
        """An offer that nobody took, the next in the order, and a wish that came to nothing."""
        for user, start in ((self.ada, 40), (self.ben, 40), (self.chris, 1)):
            make_entry(user, hours(self.now, start, 42), at=self.now, resource=self.resource)
        told = {
            "resource": str(self.resource.public_id),
            "start_time": (self.now + 40 * HOUR).isoformat(),
            "end_time": (self.now + 41 * HOUR).isoformat(),
        }
        serve_waiting(kind="time.freed", payload={"freed": [told]}, now=self.now)
        make_entry(self.chris, hours(self.now, 1, 3), at=self.now, resource=self.resource)
        return self.now + 3 * HOUR

    def meet_deadlines(self) -> datetime:
        """Two who ask: one is brought to others, for the other it is too late altogether."""
        make_approval_policy(self.resource, tier(), mode=ApprovalMode.SINGLE, answer_hours=24)
        self.book(self.ada, self.now + 10 * DAY)
        self.book(self.ben, self.now + 26 * HOUR)
        return self.now + 25 * HOUR

    def open_quota_accounts(self) -> datetime:
        """Half of what is left goes over into the next month."""
        make_quota(amount=Decimal(100), carry_percent=50)
        self.book(self.ada, self.now + DAY)
        return self.now + 31 * DAY

    def warn_of_quotas(self) -> datetime:
        """Nothing is left of the month."""
        make_quota(amount=Decimal(60))
        self.book(self.ada, self.now + DAY)
        return self.now + HOUR

    def check_quotas(self) -> datetime:
        """A ledger that adds up."""
        make_quota()
        self.book(self.ada, self.now + DAY)
        return self.now + 2 * DAY

    def prune_claims(self) -> datetime:
        """A claim of a booking long past."""
        make_booking(self.ada, self.resource, self.now)
        return self.now + 31 * DAY

    def forget_undoable_acts(self) -> datetime:
        """Something that can be undone for a while."""
        gone = make_booking(self.ada, self.resource, self.now + DAY)
        cancel_booking(actor=self.ada, booking_id=gone.public_id, now=self.now)
        return self.now + HOUR

    def sync_holidays(self) -> datetime:
        """No holiday is known."""
        return self.now

    def remind_of_training(self) -> datetime:
        """A certificate that ends in the middle of March."""
        course = make_course(asked_by=[self.resource])
        make_qualification(self.ada, course, expires_on=date(2026, 3, 15))
        return self.now

    def remind_of_access_ends(self) -> datetime:
        """Access that ends in ten days."""
        ResourceAccess.objects.create(
            user=self.ada, resource=self.resource, expires_at=self.now + 10 * DAY
        )
        return self.now

    def remind_of_assessments(self) -> datetime:
        """An assessment that must be reviewed in ten days."""
        RiskAssessment.objects.create(
            resource=self.resource,
            title="Laser",
            kind=AssessmentKind.LASER,
            level=RiskLevel.HIGH,
            state=AssessmentState.APPROVED,
            written_by=self.ada,
            written_at=self.now,
            review_on=(self.now + 10 * DAY).date(),
        )
        return self.now

    def tell_overdue_faults(self) -> datetime:
        """A fault that nobody mends."""
        report = FaultReport(title="No laser", severity=Severity.HIGH)
        key = self.resource.public_id
        report_fault(actor=self.ada, resource_id=key, report=report, now=self.now)
        return self.now + 30 * DAY

    def plan_maintenance(self) -> datetime:
        """Work that comes back each week."""
        start = self.now + 4 * HOUR
        make_plan(
            actor=self.chris,
            resource_id=self.resource.public_id,
            rhythm=Rhythm(first_start=start, minutes=60, rule="FREQ=WEEKLY"),
            details=WorkDetails(title="Clean the optics"),
            now=self.now,
        )
        return self.now + 30 * DAY

    def escalate_access_requests(self) -> datetime:
        """A request that nobody answers."""
        Resource.objects.filter(pk=self.resource.pk).update(requires_access=True)
        wish = AccessWish(level=AccessLevel.BOOK, justification="Structures of peptides")
        key = self.resource.public_id
        ask_for_access(actor=self.ben, resource_id=key, wish=wish, now=self.now)
        return self.now + 3 * DAY

    def run_policy_trials(self) -> datetime:
        """A trial of shorter bookings."""
        change = LimitRow(limit=Limit.MAX_LENGTH, role="", value=60, resource_id=None, type_id=None)
        wish = TrialWish(title="Shorter", months=2, change=change)
        start_trial(actor=self.chris, wish=wish, now=self.now)
        return self.now


@pytest.fixture
def lab(
    cast: dict[str, User], microscope: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Lab:
    """The lab, whose workers are asked for mails and rounds but do none."""
    monkeypatch.setattr(notifications.deliver_message, "delay", lambda **_asked: None)
    monkeypatch.setattr(calendars.sync_one_calendar, "delay", lambda **_asked: None)
    return Lab(cast, microscope, now)


def run(task: str, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task as a worker runs it, by the lab's clock."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    module, name = task.rsplit(".", 1)
    act: Callable[[], object] = getattr(import_module(module), name)
    act()


def written(before: dict[str, str]) -> set[str]:
    """The tables that hold something else, but for marks."""
    return set(changed(before)) - MARKS


def test_every_task_of_the_schedule_has_its_scene() -> None:
    scenes = {name for name in vars(Lab) if not name.startswith("_")} - {"book"}
    assert {name.replace("-", "_") for name in OURS} == scenes


@pytest.mark.parametrize("late", [timedelta(), DAY], ids=["in time", "a day late"])
@pytest.mark.parametrize("name", OURS)
def test_run_twice_it_writes_once(
    lab: Lab, name: str, late: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    due: datetime = getattr(lab, name.replace("-", "_"))() + late
    before = contents()
    run(OURS[name], due, monkeypatch)
    assert bool(changed(before)) is (name not in READS_ONLY)
    if name in IN_TWO:
        run(OURS[name], due, monkeypatch)
    after = contents()
    run(OURS[name], due, monkeypatch)
    assert written(after) == set()
    run(OURS[name], due + MINUTE, monkeypatch)
    assert written(after) == set()
    assert_adds_up()


def test_after_days_without_workers_one_round_of_all_leaves_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tidy_sessions", "remind_of_training", "tell_overdue_faults", "plan_maintenance"):
        getattr(lab, name)()
    late = lab.now + 3 * DAY
    # What one task brings about is another's to tell: some rounds, then all is quiet.
    for number in range(4):
        for task in OURS.values():
            run(task, late + number * MINUTE, monkeypatch)
    quiet = contents()
    for task in OURS.values():
        run(task, late + 4 * MINUTE, monkeypatch)
    # Mails that a worker was asked for and did not send are asked for anew.
    assert written(quiet) <= {"booking_emailmessage"}
