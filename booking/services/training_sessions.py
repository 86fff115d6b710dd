"""When courses are given: planning, calling off, and following the booked instrument."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import User
from booking.enums import OPEN, SeatState, Status
from booking.errors import ActionRefused
from booking.locks import lock_booking, lock_training_session
from booking.models import Booking, Course, Resource, TrainingSeat, TrainingSession
from booking.queries.training_sessions import session_of_booking
from booking.services._booking import BookingDetails, Wish, taken
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims
from booking.services._making import make_bookings
from booking.services._session_changes import move_instrument, require_room, write_change
from booking.services._training import (
    move_up,
    people_of_session,
    record_session,
    refused,
    require_giver,
    require_offered,
    require_runner,
    require_to_come,
    tell_session,
)
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

MOST_SEATS = 500
# A booking that came to one of these ends the session that was to be given in it.
_OVER = (Status.CANCELLED, Status.REJECTED, Status.NO_SHOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """When and where a course is given; on an instrument, that is booked for the instructor."""

    period: Period
    instructor_id: UUID
    location: str = ""
    # None are the course's.
    seats: int | None = None
    resource_id: UUID | None = None


def schedule_session(
    *, actor: User, course_id: UUID, plan: SessionPlan, now: datetime
) -> TrainingSession:
    """Plan a session, and book its instrument, in one step.

    Raises `Course.DoesNotExist`, `NotAllowed`, `ActionRefused`, and of the instrument
    `BookingRefused` and `SlotTaken`.
    """

    def work() -> TrainingSession:
        course = Course.objects.prefetch_related("instructors", "required_by__resource").get(
            public_id=course_id
        )
        require_giver(actor, course)
        require_offered(course)
        seats = course.seats if plan.seats is None else plan.seats
        _require_sound(plan, seats, now)
        instructor = _instructor(course, plan)
        lock_user(instructor.pk)
        _require_free(instructor, plan.period)
        booking = _book(actor, instructor, course, plan, now) if plan.resource_id else None
        session = TrainingSession.objects.create(
            course=course,
            instructor=instructor,
            start_time=plan.period.start,
            end_time=plan.period.end,
            location=plan.location.strip()[:150] or (booking.resource.location if booking else ""),
            seats=seats,
            booking=booking,
            created_at=now,
        )
        record_session("training.session_scheduled", session, actor=actor, now=now, user=instructor)
        return session

    try:
        return run_transaction(work)
    except LostRace as error:
        raise taken(list(Resource.objects.filter(public_id__in=[plan.resource_id]))) from error


def change_session(
    *, actor: User, session_id: UUID, plan: SessionPlan, now: datetime
) -> TrainingSession:
    """Change when, where, by whom and for how many a session to come is given; all are told.

    The booking of its instrument moves along by its own rules. Nobody who has a place loses it:
    with more seats those who waited longest move up. Raises `TrainingSession.DoesNotExist`,
    `NotAllowed`, `ActionRefused`, and of the instrument `BookingRefused` and `SlotTaken`.
    """
    seen: list[Resource] = []

    def work() -> TrainingSession:
        session = lock_training_session(session_id)
        require_runner(actor, session)
        require_to_come(session, now)
        seats = session.seats if plan.seats is None else plan.seats
        _require_sound(plan, seats, now)
        require_room(session, seats)
        instructor = _next_instructor(session, plan)
        lock_user(instructor.pk)
        _require_free(instructor, plan.period, session)
        moves = plan.period != Period(session.start_time, session.end_time)
        if session.booking is not None and moves:
            seen.append(session.booking.resource)
            move_instrument(session.booking, actor, plan.period, now)
        wanted = {
            "start_time": plan.period.start,
            "end_time": plan.period.end,
            "instructor": instructor,
            "location": plan.location.strip()[:150],
            "seats": seats,
        }
        write_change(session, wanted, actor=actor, now=now)
        while move_up(session, now):
            continue
        return session

    try:
        return run_transaction(work)
    except LostRace as error:
        raise taken(seen) from error


def cancel_session(
    *, actor: User, session_id: UUID, now: datetime, reason: str = ""
) -> TrainingSession:
    """Call a session off before it is over; its instrument is free again, and all are told.

    Raises `TrainingSession.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """

    def work() -> TrainingSession:
        session = lock_training_session(session_id)
        require_runner(actor, session)
        if session.cancelled_at is not None or session.end_time <= now:
            raise ActionRefused(
                code="training.session_over",
                text=_("This session is over or was called off already."),
            )
        if TrainingSeat.objects.filter(session=session, state=SeatState.PASSED).exists():
            raise ActionRefused(
                code="training.recorded",
                text=_("Somebody has passed in this session: it cannot be called off any more."),
            )
        _call_off(session, actor=actor, now=now, reason=reason.strip())
        if session.booking_id is not None:
            _cancel_booking(session, actor, now, reason.strip())
        return session

    return run_transaction(work)


def follow_booking(*, booking_id: UUID, now: datetime) -> None:
    """Bring a session to where the booking of its instrument went; running twice changes nothing.

    A booking that is cancelled, rejected or missed calls its session off, a moved one moves it.
    """

    def work() -> None:
        session_id = session_of_booking(booking_id)
        if session_id is None:
            return
        session = lock_training_session(session_id)
        booking = session.booking
        if booking is None or session.cancelled_at is not None:
            return
        if booking.status in _OVER:
            _call_off(session, actor=None, now=now, reason=_("The instrument is not booked."))
        elif booking.status in (*OPEN, Status.CHECKED_IN):
            _move(session, booking.period, now)

    run_transaction(work)


def _require_sound(plan: SessionPlan, seats: int, now: datetime) -> None:
    if plan.period.end <= plan.period.start:
        raise refused(
            "period.order", _("The end must come after the start: choose a later end."), "end_time"
        )
    if plan.period.start <= now:
        raise refused(
            "training.past",
            _("A session begins in the future: choose a later start."),
            "start_time",
        )
    if not 1 <= seats <= MOST_SEATS:
        raise refused(
            "course.seats",
            _("A session has between 1 and %(most)s seats.") % {"most": MOST_SEATS},
            "seats",
        )


def _instructor(course: Course, plan: SessionPlan) -> User:
    for each in course.instructors.all():
        if each.public_id == plan.instructor_id and each.is_active:
            return each
    raise refused(
        "training.instructor", _("Choose one of the instructors of this course."), "instructor"
    )


def _next_instructor(session: TrainingSession, plan: SessionPlan) -> User:
    """Who gives it from now on: as before, or another of the course's instructors."""
    if plan.instructor_id == session.instructor.public_id:
        return session.instructor
    if session.booking is not None:
        raise refused(
            "training.instructor_booked",
            _(
                "The instrument is booked for %(user)s: to change who gives the session, call it "
                "off and plan another."
            )
            % {"user": session.instructor.full_name},
            "instructor",
        )
    instructor = _instructor(session.course, plan)
    comes = (SeatState.ENROLLED, SeatState.WAITING)
    if TrainingSeat.objects.filter(session=session, user=instructor, state__in=comes).exists():
        raise refused(
            "training.instructor_comes",
            _("%(user)s is signed up for this session: take the name off first.")
            % {"user": instructor.full_name},
            "instructor",
        )
    return instructor


def _require_free(instructor: User, period: Period, changed: TrainingSession | None = None) -> None:
    clash = TrainingSession.objects.filter(
        instructor=instructor,
        cancelled_at=None,
        start_time__lt=period.end,
        end_time__gt=period.start,
    ).select_related("course")
    if changed is not None:
        clash = clash.exclude(pk=changed.pk)
    if found := clash.first():
        raise ActionRefused(
            code="training.instructor_busy",
            text=_("%(user)s gives %(course)s at that time: choose another time or instructor.")
            % {"user": instructor.full_name, "course": found.course.title},
            field="start_time",
        )


def _book(
    actor: User, instructor: User, course: Course, plan: SessionPlan, now: datetime
) -> Booking:
    wish = Wish(
        actor=actor,
        user=instructor,
        resource_ids=(plan.resource_id,) if plan.resource_id else (),
        period=plan.period,
        now=now,
        details=BookingDetails(purpose=course.title[:200]),
    )
    return make_bookings(wish, None)[0]


def _call_off(session: TrainingSession, *, actor: User | None, now: datetime, reason: str) -> None:
    people = people_of_session(session)
    session.cancelled_at = now
    session.save(update_fields=["cancelled_at"])
    TrainingSeat.objects.filter(
        session=session, state__in=(SeatState.ENROLLED, SeatState.WAITING)
    ).update(state=SeatState.CANCELLED)
    record_session("training.session_cancelled", session, actor=actor, now=now, reason=reason)
    # Of a booked instrument its booking tells the instructor.
    if session.booking_id is None and (actor is None or actor.pk != session.instructor_id):
        people.append(session.instructor_id)
    tell_session("training.session_cancelled", session, people, actor=actor, now=now, reason=reason)


def _cancel_booking(session: TrainingSession, actor: User, now: datetime, reason: str) -> None:
    booking = lock_booking(session.booking.public_id) if session.booking else None
    if booking is None or booking.status not in OPEN:
        return
    before = booking.status
    change_status(booking, Status.CANCELLED, actor=actor, now=now, reason=reason)
    booking.save(update_fields=["status", "sequence", "updated_at"])
    release_claims(booking)
    record_booking(
        booking,
        "booking.cancelled",
        actor=actor,
        now=now,
        reason=reason,
        changes={"status": (before, booking.status)},
    )
    post_booking_event("booking.cancelled", [booking], actor=actor, now=now, reason=reason)


def _move(session: TrainingSession, period: Period, now: datetime) -> None:
    before = Period(session.start_time, session.end_time)
    if before == period:
        return
    session.start_time, session.end_time = period.start, period.end
    session.save(update_fields=["start_time", "end_time"])
    record_session(
        "training.session_moved",
        session,
        actor=None,
        now=now,
        changes={
            "start_time": (before.start, period.start),
            "end_time": (before.end, period.end),
        },
    )
    tell_session("training.session_moved", session, people_of_session(session), actor=None, now=now)
