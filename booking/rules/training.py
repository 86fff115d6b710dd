"""What one must have learnt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import TrainingState
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest, CourseFacts
from labitory.lib.formats import say_date, say_wall, with_zone

LACKING = frozenset({TrainingState.MISSING, TrainingState.EXPIRED, TrainingState.LAPSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What somebody has of a course, whichever of their certificates says it.

    `used_on` is the last day of using what the course is for.
    """

    passed_on: date | None = None
    expires_on: date | None = None
    used_on: date | None = None
    decay_days: int | None = None

    @property
    def lapses_on(self) -> date | None:
        """The last day on which it counts without being used; None: it never lapses."""
        if self.passed_on is None or self.decay_days is None:
            return None
        return max(self.passed_on, self.used_on or self.passed_on) + timedelta(self.decay_days)

    @property
    def last_day(self) -> date | None:
        """The last day on which it counts, as things stand; None: for ever."""
        days = [day for day in (self.expires_on, self.lapses_on) if day is not None]
        return min(days) if days else None

    def state_on(self, first: date, last: date | None = None) -> TrainingState:
        """How it stands for something from the first to the last day."""
        if self.passed_on is None:
            return TrainingState.MISSING
        if self.expires_on is not None and self.expires_on < (last or first):
            return TrainingState.EXPIRED
        lapses_on = self.lapses_on
        if lapses_on is not None and lapses_on < first:
            return TrainingState.LAPSED
        return TrainingState.VALID


@rule("training.required", overridable_by=Role.LAB_MANAGER)
def has_training(request: BookingRequest) -> Refusal | None:
    """What asks for training is booked only by people who have passed it and kept it up."""
    zone = request.resource.zone
    first = request.period.start.astimezone(zone).date()
    last = request.last_moment.astimezone(zone).date()
    lacking = [
        (course, learnt, state)
        for course in request.resource.courses
        if not course.teaches
        for learnt in [_learnt(request, course)]
        for state in [learnt.state_on(first, last)]
        if state in LACKING
    ]
    if not lacking:
        return None
    texts = [_say(request, *each) for each in lacking]
    return Refusal(
        code="training.required",
        text=" ".join(texts),
        facts={"courses": [_facts(course, state) for course, _learnt_, state in lacking]},
        field="resource",
    )


def lacking_courses(
    courses: Sequence[CourseFacts], zone: ZoneInfo, today: date
) -> list[dict[str, Any]]:
    """What a resource asks for and somebody lacks today, in the shape of the refusal's facts."""
    return [
        _facts(course, state)
        for course in courses
        if not course.teaches
        for state in [learnt_of(course, zone).state_on(today)]
        if state in LACKING
    ]


def learnt_of(course: CourseFacts, zone: ZoneInfo, used_on: date | None = None) -> Learnt:
    """What the person has of a course; `used_on` is a later use than the last one known."""
    days = [day for day in (_day(course.used_at, zone), used_on) if day is not None]
    return Learnt(
        passed_on=course.passed_on,
        expires_on=course.expires_on,
        used_on=max(days) if days else None,
        decay_days=course.decay_days,
    )


def _learnt(request: BookingRequest, course: CourseFacts) -> Learnt:
    """A booking that comes before the asked one is a use as well."""
    zone = request.resource.zone
    before = [
        own.period.end.astimezone(zone).date()
        for own in request.others
        if own.resource_id == request.resource.id and own.period.end <= request.period.start
    ]
    return learnt_of(course, zone, max(before) if before else None)


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None


def _say(request: BookingRequest, course: CourseFacts, learnt: Learnt, state: TrainingState) -> str:
    today = request.now.astimezone(request.resource.zone).date()
    if state is TrainingState.MISSING:
        why = _("%(resource)s asks for the course “%(course)s”, which %(user)s has never passed.")
    elif state is TrainingState.LAPSED:
        why = _(
            "%(resource)s asks for the course “%(course)s”: that of %(user)s lapses by %(until)s, "
            "after %(days)s days without use."
        )
    elif learnt.expires_on is not None and learnt.expires_on < today:
        why = _(
            "%(resource)s asks for the course “%(course)s”: that of %(user)s expired on %(until)s."
        )
    else:
        why = _(
            "%(resource)s asks for the course “%(course)s”: that of %(user)s expires on %(until)s, "
            "before this booking is over."
        )
    until = learnt.lapses_on if state is TrainingState.LAPSED else learnt.expires_on
    told = why % {
        "resource": request.resource.name,
        "user": request.user.name,
        "course": course.title,
        "days": course.decay_days,
        "until": say_date(until) if until else "",
    }
    return f"{told} {_say_next(request, course)}"


def _say_next(request: BookingRequest, course: CourseFacts) -> str:
    zone = request.resource.zone
    if course.seat_start is not None:
        return _("A place is taken for %(date)s.") % {"date": _say_moment(course.seat_start, zone)}
    if course.session_start is not None:
        return _("The next session with free seats is on %(date)s.") % {
            "date": _say_moment(course.session_start, zone)
        }
    return _("No session with free seats is planned: ask for a training on the course's page.")


def _say_moment(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return with_zone(say_wall(local), local)


def _facts(course: CourseFacts, state: TrainingState) -> dict[str, Any]:
    return {
        "course": str(course.public_id),
        "title": course.title,
        "why": state.value,
        "session": str(course.session_id) if course.session_id else None,
        "session_start": course.session_start.isoformat() if course.session_start else None,
        "signed_up_for": str(course.seat_session_id) if course.seat_session_id else None,
        "signed_up_start": course.seat_start.isoformat() if course.seat_start else None,
    }
