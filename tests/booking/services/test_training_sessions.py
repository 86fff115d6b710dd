"""Planning sessions, calling them off, and following the booked instrument."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import SeatState, Status
from booking.errors import ActionRefused, BookingError, NotAllowed, SlotTaken
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    Course,
    Notification,
    OutboxEvent,
    Qualification,
    Resource,
    TrainingSession,
)
from booking.services.bookings import cancel_booking, reschedule_booking
from booking.services.events import dispatch_batch
from booking.services.training_seats import Result, record_results, sign_up
from booking.services.training_sessions import (
    SessionPlan,
    cancel_session,
    follow_booking,
    schedule_session,
)
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.training import make_course, make_seat, make_session

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def course(ben: User, microscope: Resource) -> Course:
    """A course of Ben's that the microscope asks for."""
    return make_course(instructors=[ben], asked_by=[microscope], seats=3)


@pytest.fixture
def plan(ben: User, now: datetime) -> SessionPlan:
    """Two hours tomorrow."""
    return SessionPlan(period=Period(now + 24 * HOUR, now + 26 * HOUR), instructor_id=ben.public_id)


def told(kind: str) -> list[list[int]]:
    return [each.payload["people"] for each in OutboxEvent.objects.filter(kind=kind)]


def test_a_session_takes_the_seats_of_its_course(
    ben: User, course: Course, plan: SessionPlan, now: datetime
) -> None:
    session = schedule_session(actor=ben, course_id=course.public_id, plan=plan, now=now)
    assert (session.seats, session.booking, session.instructor) == (3, None, ben)


def test_on_an_instrument_it_is_booked_in_the_same_step(
    ben: User, course: Course, plan: SessionPlan, microscope: Resource, now: datetime
) -> None:
    # He has not passed the course that it asks for: he gives it.
    on_it = replace(plan, resource_id=microscope.public_id)
    session = schedule_session(actor=ben, course_id=course.public_id, plan=on_it, now=now)
    booking = Booking.objects.get()
    assert session.booking == booking
    assert (booking.user, booking.period, booking.purpose) == (ben, plan.period, course.title)


def test_a_taken_instrument_leaves_nothing_behind(
    ada: User, ben: User, course: Course, plan: SessionPlan, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, plan.period.start)
    on_it = replace(plan, resource_id=microscope.public_id)
    with pytest.raises(SlotTaken):
        schedule_session(actor=ben, course_id=course.public_id, plan=on_it, now=now)
    assert not TrainingSession.objects.exists()
    assert Booking.objects.count() == 1
    assert not OutboxEvent.objects.exists()


def test_wrong_plans_are_refused(
    ben: User, ada: User, course: Course, plan: SessionPlan, now: datetime
) -> None:
    period = plan.period
    make_session(make_course("Other"), ben, now + 50 * HOUR)
    cases = {
        "training.past": replace(plan, period=Period(now, now + HOUR)),
        "period.order": replace(plan, period=Period(period.end, period.start)),
        "course.seats": replace(plan, seats=0),
        "training.instructor": replace(plan, instructor_id=ada.public_id),
        "training.instructor_busy": replace(plan, period=Period(now + 51 * HOUR, now + 53 * HOUR)),
        "resource.unknown": replace(plan, resource_id=uuid4()),
    }
    for code, wrong in cases.items():
        with pytest.raises(BookingError) as refused:
            schedule_session(actor=ben, course_id=course.public_id, plan=wrong, now=now)
        assert refused.value.refusals[0].code == code
    Course.objects.update(is_active=False)
    with pytest.raises(ActionRefused) as refused:
        schedule_session(actor=ben, course_id=course.public_id, plan=plan, now=now)
    assert refused.value.refusals[0].code == "training.closed"
    assert TrainingSession.objects.count() == 1


def test_who_plans_and_calls_off(
    cast: dict[str, User], course: Course, plan: SessionPlan, now: datetime
) -> None:
    may = []
    for n, (name, user) in enumerate(cast.items()):
        later = plan.period.widen(-n * 3 * HOUR, n * 3 * HOUR)
        moved = replace(plan, period=Period(later.start, later.start + HOUR))
        try:
            schedule_session(actor=user, course_id=course.public_id, plan=moved, now=now)
        except NotAllowed:
            continue
        may.append(name)
    assert may == ["ben", "chris", "dora"]
    session = TrainingSession.objects.earliest("pk")
    with pytest.raises(NotAllowed):
        cancel_session(actor=cast["ada"], session_id=session.public_id, now=now)


def test_calling_off_frees_the_instrument_and_tells_everybody(
    ada: User,
    eve: User,
    ben: User,
    chris: User,
    course: Course,
    plan: SessionPlan,
    microscope: Resource,
    now: datetime,
) -> None:
    on_it = replace(plan, resource_id=microscope.public_id, seats=1)
    session = schedule_session(actor=ben, course_id=course.public_id, plan=on_it, now=now)
    for each in (ada, eve):
        sign_up(actor=each, session_id=session.public_id, now=now)
    cancel_session(actor=chris, session_id=session.public_id, now=now, reason="Broken")
    booking = Booking.objects.get()
    assert booking.status == Status.CANCELLED
    assert not booking.claims.exists()
    assert sorted(told("training.session_cancelled")[0]) == sorted([ada.pk, eve.pk])
    assert OutboxEvent.objects.filter(kind="booking.cancelled").count() == 1
    assert set(session.places.values_list("state", flat=True)) == {SeatState.CANCELLED}
    with pytest.raises(ActionRefused):
        cancel_session(actor=chris, session_id=session.public_id, now=now)
    # Its own cancelled booking calls nothing off again.
    follow_booking(booking_id=booking.public_id, now=now)
    assert len(told("training.session_cancelled")) == 1


def test_what_somebody_passed_stands(ada: User, ben: User, course: Course, now: datetime) -> None:
    session = make_session(course, ben, now - HOUR)
    make_seat(session, ada)
    result = Result(user_id=ada.public_id, outcome=SeatState.PASSED)
    record_results(actor=ben, session_id=session.public_id, results=[result], now=now)
    with pytest.raises(ActionRefused) as refused:
        cancel_session(actor=ben, session_id=session.public_id, now=now)
    assert refused.value.refusals[0].code == "training.recorded"
    assert Qualification.objects.get().revoked_at is None


def test_the_session_follows_its_booking(
    ada: User, ben: User, course: Course, plan: SessionPlan, microscope: Resource, now: datetime
) -> None:
    on_it = replace(plan, resource_id=microscope.public_id)
    session = schedule_session(actor=ben, course_id=course.public_id, plan=on_it, now=now)
    sign_up(actor=ada, session_id=session.public_id, now=now)
    booking = Booking.objects.get()
    later = Period(now + 48 * HOUR, now + 50 * HOUR)
    # Followed when it can no longer be undone.
    earlier = now - timedelta(minutes=10)
    reschedule_booking(actor=ben, booking_id=booking.public_id, period=later, now=earlier)
    for _again in range(2):
        dispatch_batch(handlers=HANDLERS, now=now)
        OutboxEvent.objects.filter(kind="booking.rescheduled").update(dispatched_at=None)
    session.refresh_from_db()
    assert Period(session.start_time, session.end_time) == later
    assert told("training.session_moved") == [[ada.pk]]
    cancel_booking(actor=ben, booking_id=booking.public_id, now=earlier)
    dispatch_batch(handlers=HANDLERS, now=now)
    session.refresh_from_db()
    assert session.cancelled_at == now
    assert told("training.session_cancelled") == [[ada.pk]]


def test_everything_is_told_in_words(
    ada: User, ben: User, chris: User, course: Course, plan: SessionPlan, now: datetime
) -> None:
    session = schedule_session(actor=ben, course_id=course.public_id, plan=plan, now=now)
    sign_up(actor=chris, user=ada, session_id=session.public_id, now=now)
    cancel_session(actor=ben, session_id=session.public_id, now=now, reason="No laser today")
    dispatch_batch(handlers=HANDLERS, now=now)
    assert not OutboxEvent.objects.filter(dispatched_at=None).exists()
    notices = Notification.objects.filter(user=ada).order_by("pk")
    first, last = notices
    assert first.title.startswith("Signed up: Laser safety, 3 Mar 2026, 08:00")
    assert first.url == f"/training-sessions/{session.public_id}"
    assert "No laser today" in last.body
