"""The steps that courses, sessions, places and certificates share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Model
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import SeatState
from booking.errors import ActionRefused, NotAllowed
from booking.events import post_notice
from booking.locks import lock_certificates
from booking.models import BookingAttendee, Course, Qualification, TrainingSeat, TrainingSession
from booking.models.training import SEATED
from booking.permissions import can_give_course, can_manage_course, can_run_session
from booking.queries.qualifications import standings
from labitory.lib.http import lab_zone
from labitory.lib.text import new_code

# Longer than a code that is read aloud: whoever guesses names must not find any.
CODE_LETTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What a certificate says. Without an end the course's validity counts."""

    user: User
    course: Course
    passed_on: date
    given_by: User | None
    session: TrainingSession | None = None
    score: int | None = None
    note: str = ""
    expires_on: date | None = None
    used_at: datetime | None = None
    certificate: str = ""


def refused(code: str, text: str, field: str = "") -> ActionRefused:
    """A no to what was typed or asked, 422."""
    return ActionRefused(code=code, text=text, field=field, status=422)


def require_course_manager(actor: User, course: Course) -> None:
    """Refuse who does not look after training wherever the course is asked for."""
    if not can_manage_course(actor, course):
        raise NotAllowed(
            code="permission.course",
            text=_("Only those who look after training change courses."),
            needs="training.manage",
        )


def require_giver(actor: User, course: Course) -> None:
    """Refuse who neither gives the course nor looks after it."""
    if not can_give_course(actor, course):
        raise NotAllowed(
            code="permission.course_give",
            text=_("Only instructors of a course and those who look after training give it."),
            needs="training.manage",
        )


def require_runner(actor: User, session: TrainingSession) -> None:
    """Refuse who neither gives the session nor looks after its course."""
    if not can_run_session(actor, session):
        raise NotAllowed(
            code="permission.session",
            text=_("Only its instructor and those who look after training run a session."),
            needs="training.manage",
        )


def require_offered(course: Course) -> None:
    """Refuse a course that is not given any more."""
    if not course.is_active:
        raise refused("training.closed", _("This course is not offered any more."), "course")


def require_to_come(session: TrainingSession, now: datetime) -> None:
    """Refuse a session that was called off or has begun."""
    if session.cancelled_at is not None:
        raise ActionRefused(
            code="training.cancelled", text=_("This session was called off: choose another.")
        )
    if session.start_time <= now:
        raise ActionRefused(
            code="training.begun", text=_("This session has begun or is over: choose another.")
        )


def require_prerequisites(user: User, course: Course, now: datetime) -> None:
    """Refuse who lacks a course that comes before this one, naming each."""
    before = list(course.prerequisites.all())
    if not before:
        return
    known = standings(user=user, courses=before, today=lab_day(now))
    missing = [each.title for each in before if not known[each.pk].counts]
    if missing:
        raise refused(
            "training.prerequisite",
            _("%(user)s has to pass these before “%(course)s”: %(names)s.")
            % {"user": user.full_name, "course": course.title, "names": ", ".join(missing)},
            "user",
        )


def require_score(score: int | None, field: str = "score") -> None:
    """Refuse a score that is no percentage."""
    if score is not None and not 0 <= score <= 100:  # noqa: PLR2004 - percent
        raise refused("training.score", _("A score lies between 0 and 100 percent."), field)


def lab_day(moment: datetime) -> date:
    """The lab's day of a moment."""
    return moment.astimezone(lab_zone()).date()


def write_qualification(passed: Passed, now: datetime) -> Qualification:
    """Write a certificate with the next number of its year, and its audit record."""
    course = passed.course
    expires_on = passed.expires_on
    if expires_on is None and course.valid_days is not None:
        expires_on = passed.passed_on + timedelta(days=course.valid_days)
    lock_certificates()
    made = Qualification.objects.create(
        user=passed.user,
        course=course,
        session=passed.session,
        passed_on=passed.passed_on,
        expires_on=expires_on,
        used_at=passed.used_at,
        score=passed.score,
        certificate=passed.certificate or _next_number(passed.passed_on.year),
        check_code=new_code(CODE_LETTERS),
        given_by=passed.given_by,
        note=passed.note[:300],
        created_at=now,
    )
    record(
        action="training.passed",
        actor=passed.given_by,
        target=made,
        now=now,
        facts={
            "user": passed.user.full_name,
            "course": course.title,
            "certificate": made.certificate,
            "score": passed.score,
        },
    )
    return made


def tell_passed(made: Qualification, actor: User | None, now: datetime) -> None:
    """Tell somebody of their certificate."""
    post_notice(
        kind="training.passed",
        people=[made.user_id],
        now=now,
        actor=actor,
        path=reverse("booking:certificate", args=[made.public_id]),
        facts={"course": made.course.title, "certificate": made.certificate},
    )


def _next_number(year: int) -> str:
    """The number after the highest of the year; the caller holds the lock of certificates."""
    known = Qualification.objects.filter(certificate__regex=rf"^{year}-[0-9]{{5,9}}$")
    last = known.annotate(letters=Length("certificate")).order_by("-letters", "-certificate")
    highest = last.values_list("certificate", flat=True).first()
    number = int(highest.partition("-")[2]) if highest else 0
    return f"{year}-{number + 1:05d}"


def revoke_qualification(made: Qualification, *, actor: User, reason: str, now: datetime) -> None:
    """Take back a certificate that the caller holds: record and message."""
    made.revoked_at, made.revoked_reason = now, reason[:300]
    made.save(update_fields=["revoked_at", "revoked_reason"])
    facts = {"course": made.course.title, "certificate": made.certificate}
    record(
        action="training.revoked",
        actor=actor,
        target=made,
        now=now,
        reason=reason,
        facts={**facts, "user": made.user.full_name},
    )
    post_notice(
        kind="training.revoked",
        people=[made.user_id],
        now=now,
        actor=actor,
        path=reverse("booking:training"),
        facts={**facts, "reason": reason},
    )


def record_session(
    action: str,
    session: TrainingSession,
    *,
    actor: User | None,
    now: datetime,
    target: Model | None = None,
    user: User | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write the audit record of an act on a session or on a place in it."""
    record(
        action=action,
        actor=actor,
        target=target or session,
        now=now,
        changes=changes,
        reason=reason,
        facts={
            "course": session.course.title,
            "start_time": session.start_time,
            "end_time": session.end_time,
            **({"user": user.full_name} if user else {}),
            **(facts or {}),
        },
    )


def tell_session(
    kind: str,
    session: TrainingSession,
    people: Iterable[int],
    *,
    actor: User | None,
    now: datetime,
    **facts: str,
) -> None:
    """Tell people something about a session."""
    post_notice(
        kind=kind,
        people=people,
        now=now,
        actor=actor,
        path=reverse("booking:training_session", args=[session.public_id]),
        facts={
            "course": session.course.title,
            "when": {
                "start": session.start_time.isoformat(),
                "end": session.end_time.isoformat(),
            },
            "place": session.location,
            **facts,
        },
    )


def people_of_session(session: TrainingSession, *, with_attendees: bool = False) -> list[int]:
    """Whom a session concerns: who has a place or waits.

    Unless asked for, without those whom the booking of its instrument tells already.
    """
    places = TrainingSeat.objects.filter(
        session=session, state__in=(SeatState.ENROLLED, SeatState.WAITING)
    )
    if not with_attendees:
        told = BookingAttendee.objects.filter(booking=session.booking_id).values_list("user")
        places = places.exclude(user__in=told)
    return list(places.values_list("user_id", flat=True))


def move_up(session: TrainingSession, now: datetime) -> bool:
    """Give a free place to who has waited longest; the caller holds the session."""
    taken = TrainingSeat.objects.filter(session=session, state__in=SEATED).count()
    waiting = TrainingSeat.objects.filter(
        session=session, state=SeatState.WAITING, user__is_active=True
    )
    seat = waiting.select_related("user").order_by("asked_at", "pk").first()
    if seat is None or taken >= session.seats:
        return False
    seat.state = SeatState.ENROLLED
    seat.save(update_fields=["state"])
    record_session("training.moved_up", session, actor=None, now=now, target=seat, user=seat.user)
    tell_session("training.place_free", session, [seat.user_id], actor=None, now=now)
    return True
