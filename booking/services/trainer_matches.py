"""Arranging a training: trainer, instrument and trainee in one step."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_users
from accounts.models import User
from booking.enums import SeatState
from booking.errors import ActionRefused, NotAllowed
from booking.models import Booking, Course, Resource, TrainingSeat, TrainingSession
from booking.permissions import can_give_course
from booking.queries.courses import courses_for
from booking.queries.training_sessions import busy_periods, is_busy
from booking.services._booking import BookingDetails, Wish, taken
from booking.services._making import make_bookings
from booking.services._training import (
    record_session,
    refused,
    require_offered,
    require_prerequisites,
    tell_session,
)
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

LONGEST_MINUTES = 720


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Who trains whom in what, where and when."""

    course_id: UUID
    resource_id: UUID
    trainer_id: UUID
    period: Period


def arrange_training(*, actor: User, trainee: User, match: Match, now: datetime) -> TrainingSession:
    """Book a training: the instrument for its trainer, with the trainee along, and a session.

    All of it or nothing. The trainee may ask, and who gives the course. Raises
    `Course.DoesNotExist`, `Resource.DoesNotExist`, `NotAllowed`, `ActionRefused`,
    `BookingRefused` and `SlotTaken`.
    """
    try:
        return run_transaction(lambda: _arrange(actor, trainee, match, now))
    except LostRace as error:
        raise taken(list(Resource.objects.filter(public_id=match.resource_id))) from error


def _arrange(actor: User, trainee: User, match: Match, now: datetime) -> TrainingSession:
    course = Course.objects.prefetch_related("instructors", "required_by__resource").get(
        public_id=match.course_id
    )
    resource = Resource.objects.get(public_id=match.resource_id)
    trainer = _trainer(course, match, trainee)
    _require_may_ask(actor, trainee, course)
    require_offered(course)
    _require_asked_for(course, resource)
    _require_period(match.period, now)
    require_prerequisites(trainee, course, now)
    # Both are held before anything of theirs is read: two matches of one trainer follow each other.
    lock_users({trainer.pk, trainee.pk})
    _require_free(trainer, trainee, match.period)
    _require_first(course, trainee, now)
    booking = _book(course, trainer, trainee, match, now)
    session = TrainingSession.objects.create(
        course=course,
        instructor=trainer,
        start_time=match.period.start,
        end_time=match.period.end,
        location=resource.location[:150],
        seats=1,
        booking=booking,
        created_at=now,
    )
    TrainingSeat.objects.create(session=session, user=trainee, asked_at=now)
    record_session(
        "training.arranged",
        session,
        actor=actor,
        now=now,
        user=trainee,
        facts={"resource": resource.name, "trainer": trainer.full_name},
    )
    # The trainee comes along to the booking and hears of it that way.
    tell_session(
        "training.arranged",
        session,
        {trainer.pk} - {actor.pk},
        actor=actor,
        now=now,
        user=trainee.full_name,
    )
    return session


def _trainer(course: Course, match: Match, trainee: User) -> User:
    for each in course.instructors.all():
        if each.public_id == match.trainer_id and each.is_active and each.pk != trainee.pk:
            return each
    raise refused(
        "training.instructor",
        _("Choose one of the instructors of this course; nobody trains themselves."),
        "trainer",
    )


def _require_may_ask(actor: User, trainee: User, course: Course) -> None:
    if not trainee.is_active or not (actor.pk == trainee.pk or can_give_course(actor, course)):
        raise NotAllowed(
            code="permission.course_give",
            text=_("Only those who give a course arrange it for others."),
            needs="training.manage",
        )


def _require_asked_for(course: Course, resource: Resource) -> None:
    if not courses_for(resource.pk, resource.resource_type_id).filter(pk=course.pk).exists():
        raise refused(
            "training.not_for",
            _("%(resource)s does not ask for this course: choose another.")
            % {"resource": resource.name},
            "course",
        )


def _require_period(period: Period, now: datetime) -> None:
    if period.start < now or not 0 < period.minutes <= LONGEST_MINUTES:
        raise refused(
            "training.past",
            _("A training lies in the future and takes at most %(hours)s hours.")
            % {"hours": LONGEST_MINUTES // 60},
            "start_time",
        )


def _require_free(trainer: User, trainee: User, period: Period) -> None:
    busy = busy_periods(user_ids=[trainer.pk, trainee.pk], window=period)
    for each in (trainer, trainee):
        if is_busy(busy.get(each.pk, []), period):
            raise ActionRefused(
                code="training.busy",
                text=_("%(user)s is not free at that time any more: choose another.")
                % {"user": each.full_name},
                field="start_time",
            )


def _require_first(course: Course, trainee: User, now: datetime) -> None:
    """One training at a time: trainers' hours are not to be hoarded."""
    coming = TrainingSeat.objects.filter(
        user=trainee,
        session__course=course,
        session__cancelled_at=None,
        session__end_time__gt=now,
        state=SeatState.ENROLLED,
    )
    if coming.exists():
        raise ActionRefused(
            code="training.signed_up",
            text=_("%(user)s has a place in a session of this course: give that back first.")
            % {"user": trainee.full_name},
            field="course",
        )


def _book(course: Course, trainer: User, trainee: User, match: Match, now: datetime) -> Booking:
    wish = Wish(
        actor=trainer,
        user=trainer,
        resource_ids=(match.resource_id,),
        period=match.period,
        now=now,
        details=BookingDetails(purpose=course.title[:200], attendee_ids=(trainee.public_id,)),
    )
    return make_bookings(wish, None)[0]
