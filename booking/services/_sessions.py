"""Sessions inside an open transaction: begun, ended, and what their end gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import ClaimKind, Handover, SessionEnd, Status
from booking.errors import ActionRefused
from booking.events import post_notice
from booking.locks import lock_booking
from booking.models import Booking, ResourceCalendar, UsageSession
from booking.queries.check_ins import running_on
from booking.services._answers import Answered, write_answers
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._words import clock_at
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnding:
    """How and when a session ends, and how the instrument is left."""

    at: datetime
    how: SessionEnd = SessionEnd.USER
    handover: str = ""
    note: str = ""
    answered: Sequence[Answered] = ()


def freed(booking: Booking, period: Period | None) -> list[dict[str, str]]:
    """Time that became free, as events carry it for whoever waits for it."""
    if period is None or period.end <= period.start:
        return []
    return [
        {
            "resource": str(booking.resource.public_id),
            "start_time": period.start.isoformat(),
            "end_time": period.end.isoformat(),
        }
    ]


def begin_session(
    booking: Booking, *, actor: User, at: datetime, now: datetime, answered: Sequence[Answered]
) -> UsageSession:
    """The booking is in use since `at`, as the lab hears now; the caller holds its lock."""
    before = booking.status
    change_status(booking, Status.CHECKED_IN, actor=actor, now=at)
    booking.updated_at = now
    booking.save(update_fields=["status", "sequence", "updated_at"])
    session = UsageSession.objects.create(
        booking=booking,
        resource=booking.resource,
        user=booking.user,
        started_at=at,
        planned_end=booking.end_time,
    )
    write_answers(session, answered, now=now)
    record_booking(
        booking,
        "booking.checked_in",
        actor=actor,
        now=now,
        changes={"status": (before, booking.status)},
        facts={**_said(answered), **({} if at == now else {"used_from": at})},
    )
    post_booking_event("booking.checked_in", [booking], actor=actor, now=now)
    return session


def end_session(
    booking: Booking, ending: SessionEnding, *, actor: User | None, now: datetime
) -> None:
    """The booking is over; what is left of its time is free at once. The caller holds its lock."""
    before, planned = Status(booking.status), booking.end_time
    session = _session_of(booking)
    session.ended_at = max(ending.at, session.started_at)
    session.ended_how = ending.how
    session.handover, session.handover_note = ending.handover, ending.note
    session.save(update_fields=["ended_at", "ended_how", "handover", "handover_note"])
    write_answers(session, ending.answered, now=now)
    booking.end_time = _end(booking, ending.at)
    if booking.end_time < planned:
        _return_tail(booking)
    change_status(booking, Status.COMPLETED, actor=actor, now=now)
    booking.save(update_fields=["status", "end_time", "sequence", "updated_at"])
    facts: dict[str, object] = {"used_until": session.ended_at, **_said(ending.answered)}
    if ending.handover:
        facts["handover"] = str(Handover(ending.handover).label)
    record_booking(
        booking,
        "booking.completed",
        actor=actor,
        now=now,
        changes={"status": (before, booking.status), "end_time": (planned, booking.end_time)},
        facts=facts,
    )
    given_back = freed(booking, Period(max(booking.end_time, now), planned))
    if actor is not None or given_back:
        post_booking_event("booking.completed", [booking], actor=actor, now=now, freed=given_back)
    if ending.how == SessionEnd.AUTOMATIC:
        _tell_ended(booking, session.ended_at, now)


def make_way(booking: Booking, *, at: datetime, now: datetime) -> None:
    """One at a time: end a session past its end that stands in the way of this booking's at `at`.

    Raises `ActionRefused` when somebody uses the instrument within their time.
    """
    if booking.resource.capacity > 1:
        return
    for session in running_on(booking.resource, but=booking):
        if session.booking.end_time > at:
            raise ActionRefused(
                code="check_in.in_use",
                text=_("%(resource)s is in use until %(time)s: check in when it is free.")
                % {
                    "resource": booking.resource.name,
                    "time": clock_at(booking.resource, session.booking.end_time, now),
                },
            )
        other = lock_booking(session.booking.public_id)
        if other.status == Status.CHECKED_IN:
            ending = SessionEnding(at=at, how=SessionEnd.AUTOMATIC)
            end_session(other, ending, actor=None, now=now)


def _session_of(booking: Booking) -> UsageSession:
    """The one that runs; what was in use before there were sessions has one from its start."""
    running = booking.sessions.filter(ended_at=None).first()
    return running or UsageSession.objects.create(
        booking=booking,
        resource=booking.resource,
        user=booking.user,
        started_at=booking.start_time,
        planned_end=booking.end_time,
    )


def _end(booking: Booking, at: datetime) -> datetime:
    """The coming full minute, within the booking."""
    minute = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return min(booking.end_time, max(minute, booking.start_time + timedelta(minutes=1)))


def _return_tail(booking: Booking) -> None:
    """Shorten the claims; a claim that only shrinks can meet no other."""
    during = booking.period.widen(
        timedelta(minutes=booking.setup_minutes), timedelta(minutes=booking.cleanup_minutes)
    )
    ResourceCalendar.objects.filter(
        booking=booking, kind__in=(ClaimKind.BOOKING, ClaimKind.LINKED)
    ).update(during=DateTimeTZRange(during.start, during.end, "[)"))


def _said(answered: Sequence[Answered]) -> dict[str, object]:
    """The answers for the audit, by the words of their questions."""
    if not answered:
        return {}
    return {"answers": [f"{each.question.label}: {each.value}" for each in answered]}


def _tell_ended(booking: Booking, at: datetime | None, now: datetime) -> None:
    post_notice(
        kind="session.ended",
        people=[booking.user_id],
        now=now,
        path=reverse("booking:booking_detail", args=[booking.public_id]),
        facts={
            "resource": booking.resource.name,
            "end": {"at": (at or now).isoformat()},
        },
    )
