"""Changing a session that is to come: time, place, instructor, seats."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import SeatState
from booking.errors import BookingError, NotAllowed, SlotTaken
from booking.handlers import HANDLERS
from booking.models import Booking, Course, Notification, OutboxEvent, Resource, TrainingSession
from booking.services.events import dispatch_batch
from booking.services.training_sessions import SessionPlan, change_session, schedule_session
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.training import make_course, make_seat, make_session

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def course(ben: User, chris: User, microscope: Resource) -> Course:
    """A course of Ben's and Chris's that the microscope asks for."""
    return make_course(instructors=[ben, chris], asked_by=[microscope], seats=3)


@pytest.fixture
def session(course: Course, ben: User, now: datetime) -> TrainingSession:
    """Tomorrow with Ben, for two."""
    return make_session(course, ben, now + 24 * HOUR, location="Room 1")


@pytest.fixture
def plan(session: TrainingSession, ben: User) -> SessionPlan:
    """The session as it is."""
    return plan_of(session)


def plan_of(session: TrainingSession) -> SessionPlan:
    return SessionPlan(
        period=Period(session.start_time, session.end_time),
        instructor_id=session.instructor.public_id,
        location=session.location,
        seats=session.seats,
    )


def told() -> dict[str, list[int]]:
    events = OutboxEvent.objects.filter(kind__startswith="training.")
    return {each.kind: each.payload["people"] for each in events}


def refusals(error: pytest.ExceptionInfo[BookingError]) -> list[str]:
    return [each.code for each in error.value.refusals]


def test_a_new_time_is_told_to_all_whom_it_concerns(
    ada: User, eve: User, chris: User, session: TrainingSession, plan: SessionPlan, now: datetime
) -> None:
    TrainingSession.objects.update(seats=1)
    make_seat(session, ada)
    make_seat(session, eve, SeatState.WAITING)
    later = Period(plan.period.start + HOUR, plan.period.end + HOUR)
    wanted = replace(plan, period=later, location=" Room 2 ", seats=1)
    changed = change_session(actor=chris, session_id=session.public_id, plan=wanted, now=now)
    assert (Period(changed.start_time, changed.end_time), changed.location) == (later, "Room 2")
    people = sorted([ada.pk, eve.pk, session.instructor_id])
    assert told() == {"training.session_moved": people}
    log = AuditLog.objects.get(action="training.session_changed")
    assert set(log.changes) == {"start_time", "end_time", "location"}
    dispatch_batch(handlers=HANDLERS, now=now)
    notice = Notification.objects.get(user=ada)
    assert notice.title.startswith("Moved: Laser safety, now 3 Mar 2026, 09:00")
    assert "Room 2" in notice.body


def test_another_instructor_is_told_with_those_who_come(
    ada: User, ben: User, chris: User, session: TrainingSession, plan: SessionPlan, now: datetime
) -> None:
    make_seat(session, ada)
    wanted = replace(plan, instructor_id=chris.public_id)
    change_session(actor=ben, session_id=session.public_id, plan=wanted, now=now)
    assert told() == {"training.session_changed": sorted([ada.pk, chris.pk])}
    dispatch_batch(handlers=HANDLERS, now=now)
    assert "is now given by Chris" in Notification.objects.get(user=ada).body


def test_nothing_changed_is_nothing_told(
    ben: User, session: TrainingSession, plan: SessionPlan, now: datetime
) -> None:
    change_session(actor=ben, session_id=session.public_id, plan=plan, now=now)
    assert not OutboxEvent.objects.exists()
    assert not AuditLog.objects.exists()


def test_with_more_seats_those_who_waited_longest_move_up(
    cast: dict[str, User], session: TrainingSession, plan: SessionPlan, now: datetime
) -> None:
    for name, state in (
        ("ada", SeatState.ENROLLED),
        ("dora", SeatState.ENROLLED),
        ("eve", SeatState.WAITING),
        ("chris", SeatState.WAITING),
    ):
        make_seat(session, cast[name], state)
    wanted = replace(plan, seats=3)
    change_session(actor=cast["ben"], session_id=session.public_id, plan=wanted, now=now)
    waits = session.places.filter(state=SeatState.WAITING)
    assert [seat.user for seat in waits] == [cast["chris"]]
    assert told() == {"training.place_free": [cast["eve"].pk]}


def test_fewer_seats_than_people_are_refused_in_words(
    ada: User,
    eve: User,
    ben: User,
    session: TrainingSession,
    plan: SessionPlan,
    now: datetime,
) -> None:
    make_seat(session, ada)
    make_seat(session, eve)
    with pytest.raises(BookingError) as refused:
        change_session(
            actor=ben, session_id=session.public_id, plan=replace(plan, seats=1), now=now
        )
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.field) == ("training.seats_taken", "seats")
    assert refusal.text == (
        "2 people have a place: keep at least 2 seats, or take somebody off first."
    )
    session.refresh_from_db()
    assert session.seats == 2
    assert not OutboxEvent.objects.exists()


def test_wrong_changes_are_refused(
    ada: User,
    ben: User,
    chris: User,
    session: TrainingSession,
    plan: SessionPlan,
    now: datetime,
) -> None:
    make_session(make_course("Other"), ben, now + 50 * HOUR)
    make_seat(session, chris, SeatState.WAITING)
    period = plan.period
    cases = {
        "training.past": replace(plan, period=Period(now, now + HOUR)),
        "period.order": replace(plan, period=Period(period.end, period.start)),
        "course.seats": replace(plan, seats=501),
        "training.instructor": replace(plan, instructor_id=ada.public_id),
        "training.instructor_comes": replace(plan, instructor_id=chris.public_id),
        "training.instructor_busy": replace(plan, period=Period(now + 51 * HOUR, now + 53 * HOUR)),
    }
    for code, wrong in cases.items():
        with pytest.raises(BookingError) as refused:
            change_session(actor=ben, session_id=session.public_id, plan=wrong, now=now)
        assert refusals(refused) == [code]
    for code, fields in (
        ("training.begun", {"start_time": now - HOUR}),
        ("training.cancelled", {"cancelled_at": now}),
    ):
        TrainingSession.objects.filter(pk=session.pk).update(**fields)
        with pytest.raises(BookingError) as refused:
            change_session(actor=ben, session_id=session.public_id, plan=plan, now=now)
        assert refusals(refused) == [code]
    assert not OutboxEvent.objects.exists()


def test_who_changes_a_session(
    cast: dict[str, User], session: TrainingSession, plan: SessionPlan, now: datetime
) -> None:
    may = []
    for name, user in cast.items():
        try:
            change_session(actor=user, session_id=session.public_id, plan=plan, now=now)
        except NotAllowed:
            continue
        may.append(name)
    assert may == ["ben", "chris", "dora"]


def test_the_booked_instrument_moves_along_or_nothing_moves(
    ada: User, ben: User, chris: User, course: Course, microscope: Resource, now: datetime
) -> None:
    period = Period(now + 24 * HOUR, now + 26 * HOUR)
    on_it = SessionPlan(
        period=period, instructor_id=ben.public_id, resource_id=microscope.public_id
    )
    session = schedule_session(actor=ben, course_id=course.public_id, plan=on_it, now=now)
    make_seat(session, ada)
    later = Period(now + 30 * HOUR, now + 32 * HOUR)
    change_session(
        actor=ben,
        session_id=session.public_id,
        plan=replace(plan_of(session), period=later),
        now=now,
    )
    booking = Booking.objects.get()
    session.refresh_from_db()
    assert booking.period == later == Period(session.start_time, session.end_time)
    assert told() == {"training.session_moved": [ada.pk]}
    make_booking(ada, microscope, now + 50 * HOUR)
    taken = Period(now + 50 * HOUR, now + 52 * HOUR)
    with pytest.raises(SlotTaken):
        change_session(
            actor=ben,
            session_id=session.public_id,
            plan=replace(plan_of(session), period=taken),
            now=now,
        )
    with pytest.raises(BookingError) as refused:
        change_session(
            actor=ben,
            session_id=session.public_id,
            plan=replace(plan_of(session), instructor_id=chris.public_id),
            now=now,
        )
    assert refusals(refused) == ["training.instructor_booked"]
    session.refresh_from_db()
    assert (session.start_time, session.instructor) == (later.start, ben)
