"""Nobody answers: others are asked once, then the booking is refused. Run twice, once."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import ApprovalMode, ApproverKind, Status, VoteState
from booking.errors import ActionRefused
from booking.handlers import HANDLERS
from booking.models import (
    Approval,
    ApprovalVote,
    Booking,
    Notification,
    OutboxEvent,
    Resource,
    ResourceCalendar,
)
from booking.queries.approvals import awaiting_decision
from booking.services import deadlines
from booking.services._steps import ask_others
from booking.services.approvals import approve_booking, reject_booking
from booking.services.bookings import create_booking
from booking.services.deadlines import meet_deadlines
from booking.services.events import dispatch_batch
from booking.services.tidying import tidy_bookings
from labitory.lib.periods import Period
from tests.factories.approvals import make_approval_policy, tier

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def wish(ada: User, ben: User, resource: Resource, now: datetime, hours: float) -> Booking:
    """Ada's wish; Ben has a day to answer."""
    make_approval_policy(
        resource,
        tier(ApproverKind.PERSON, person=ben),
        tier(ApproverKind.PERSON, person=ben),
        mode=ApprovalMode.TIERED,
        answer_hours=24,
    )
    return create_booking(
        actor=ada,
        user=ada,
        resource_ids=[resource.public_id],
        period=Period(now + hours * HOUR, now + (hours + 1) * HOUR),
        now=now,
    )[0]


def step_of(booking: Booking) -> Approval:
    return Approval.objects.get(booking=booking, position=1)


def test_others_are_asked_once_and_then_it_is_refused(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = wish(ada, ben, microscope, now, 100)
    assert step_of(booking).due_at == now + 24 * HOUR
    assert meet_deadlines(now=now + 23 * HOUR) == 0
    assert not awaiting_decision(chris, now=now).exists()
    dispatch_batch(handlers=HANDLERS, now=now)
    late = now + 24 * HOUR
    assert (meet_deadlines(now=late), meet_deadlines(now=late)) == (1, 0)
    step = step_of(booking)
    assert (step.escalated_at, step.due_at) == (late, late + 24 * HOUR)
    assert list(awaiting_decision(chris, now=late)) == [booking]
    assert AuditLog.objects.filter(action="booking.escalated").count() == 1
    assert OutboxEvent.objects.get(kind="approval.escalated").payload["people"] == [chris.pk]
    dispatch_batch(handlers=HANDLERS, now=late)
    told = Notification.objects.get(user=chris)
    assert told.title.startswith("Nobody has answered: Confocal 1")
    assert (meet_deadlines(now=late + 24 * HOUR), meet_deadlines(now=late + 24 * HOUR)) == (1, 0)
    booking.refresh_from_db()
    assert booking.status == Status.REJECTED
    assert booking.steps.get(to_status=Status.REJECTED).reason == "Nobody decided in time."
    assert not ResourceCalendar.objects.exists()
    assert set(ApprovalVote.objects.values_list("state", flat=True)) == {VoteState.CLOSED}
    assert set(Approval.objects.values_list("state", flat=True)) == {VoteState.CLOSED}


def test_never_beyond_the_start(ada: User, ben: User, microscope: Resource, now: datetime) -> None:
    booking = wish(ada, ben, microscope, now, 10)
    # Half of the time is left to the others.
    assert step_of(booking).due_at == now + 5 * HOUR
    assert meet_deadlines(now=now + 5 * HOUR) == 1
    assert step_of(booking).due_at == now + 10 * HOUR
    assert meet_deadlines(now=now + 10 * HOUR) == 1
    booking.refresh_from_db()
    assert booking.status == Status.REJECTED


def test_time_alone_decides_whether_or_not_the_job_ran(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = wish(ada, ben, microscope, now, 100)
    # Late, but nobody else was asked yet: the answer counts.
    approve_booking(actor=ben, booking_id=booking.public_id, now=now + 25 * HOUR)
    second = Approval.objects.get(booking=booking, position=2)
    assert (second.state, second.due_at) == (VoteState.WAITING, now + 49 * HOUR)
    meet_deadlines(now=now + 49 * HOUR)
    for moment in (now + 73 * HOUR, now + 100 * HOUR):
        with pytest.raises(ActionRefused) as late:
            approve_booking(actor=chris, booking_id=booking.public_id, now=moment)
        assert late.value.refusals[0].code == "approval.late"
    reject_booking(actor=chris, booking_id=booking.public_id, now=now + 73 * HOUR, reason="Late")


def test_answered_in_between_nothing_happens(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = wish(ada, ben, microscope, now, 100)
    meet_deadlines(now=now + 24 * HOUR)
    for _step in range(2):
        approve_booking(actor=chris, booking_id=booking.public_id, now=now + 25 * HOUR)
    assert meet_deadlines(now=now + 90 * HOUR) == 0
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_the_tidying_before_its_start_closes_the_steps(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    wish(ada, ben, microscope, now, 10)
    assert tidy_bookings(now=now + 10 * HOUR) == 1
    assert set(Approval.objects.values_list("state", flat=True)) == {VoteState.CLOSED}
    assert meet_deadlines(now=now + 10 * HOUR) == 0


def test_one_that_fails_stops_no_other(
    ada: User,
    ben: User,
    chris: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad = wish(ada, ben, microscope, now, 100)
    good = wish(ada, ben, second_microscope, now, 102)

    def fail(approval: Approval, *, now: datetime) -> list[int]:
        if approval.booking_id == bad.pk:
            raise RuntimeError("no luck")
        return ask_others(approval, now=now)

    monkeypatch.setattr(deadlines, "ask_others", fail)
    assert meet_deadlines(now=now + 24 * HOUR) == 1
    assert step_of(bad).escalated_at is None
    assert step_of(good).escalated_at is not None
