"""Beginning and finishing inside an open transaction, at the moment it happened.

`at` is when somebody did it, `now` when the lab heard of it: the same, but for what a device kept
while it had no network.
"""

from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Handover, Moment, SessionEnd, Status
from booking.errors import ActionRefused, NotAllowed
from booking.locks import lock_booking
from booking.models import Booking
from booking.permissions import can_change_booking, where_of
from booking.queries.check_ins import Terms, terms_of
from booking.queries.displaced import open_replacement
from booking.queries.faults import outage_facts
from booking.queries.questions import asked_questions
from booking.services._answers import Given, read_answers
from booking.services._changes import require_transition
from booking.services._sessions import SessionEnding, begin_session, end_session, make_way
from booking.services._words import clock_at

LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is said on finishing: the answers, how the instrument is left, and a note."""

    answers: Given = field(default_factory=lambda: MappingProxyType({}))
    handover: str = ""
    note: str = ""


def lock_own(actor: User, booking_id: UUID) -> Booking:
    """Hold a booking for somebody who may use it."""
    booking = lock_booking(booking_id)
    if not can_change_booking(actor, booking):
        raise NotAllowed(
            code="permission.booking",
            text=_("Only its own people may use a booking."),
            needs="booking.change_any",
            where=where_of(booking.resource),
        )
    return booking


def begin_booking(
    booking: Booking, *, actor: User, at: datetime, now: datetime, answers: Given
) -> None:
    """Check in to a confirmed booking in its time. Raises `ActionRefused` and `BookingError`."""
    require_transition(booking, Status.CHECKED_IN)
    _require_time(booking, terms_of(booking.public_id), at)
    begin_use(booking, actor=actor, at=at, now=now, answers=answers)


def begin_use(
    booking: Booking, *, actor: User, at: datetime, now: datetime, answers: Given
) -> None:
    """Open the session, if the instrument can be used and what is asked is answered."""
    _require_usable(booking, at)
    make_way(booking, at=at, now=now)
    questions = asked_questions(booking.resource, Moment.START)
    answered = read_answers(questions, answers, required=True)
    begin_session(booking, actor=actor, at=at, now=now, answered=answered)


def finish_booking(
    booking: Booking, *, actor: User, leaving: Leaving, at: datetime, now: datetime
) -> None:
    """Finish a booking that is in use. Raises `ActionRefused` and `BookingError`."""
    if booking.status != Status.CHECKED_IN:
        raise ActionRefused(
            code="check_out.state", text=_("Only a booking that is in use can be finished.")
        )
    end_session(booking, _ending(booking, actor, leaving, at), actor=actor, now=now)


def _require_time(booking: Booking, terms: Terms, now: datetime) -> None:
    """Refuse who comes too early, after the grace, or after the end."""
    if not terms.check_in_from <= now < booking.end_time:
        raise ActionRefused(
            code="check_in.time",
            text=_("Check in from %(start)s until %(end)s.")
            % {
                "start": clock_at(booking.resource, terms.check_in_from, now),
                "end": clock_at(booking.resource, booking.end_time, now),
            },
        )
    if terms.lapses_at is not None and terms.lapses_at <= now:
        raise ActionRefused(
            code="check_in.missed",
            text=_(
                "Nobody checked in by %(time)s, so the time was given back: start anew if it is "
                "still free."
            )
            % {"time": clock_at(booking.resource, terms.lapses_at, now)},
        )


def _require_usable(booking: Booking, now: datetime) -> None:
    resource, fault = booking.resource, outage_facts(booking.resource, now=now)
    if not resource.is_active:
        text = _("%(resource)s is closed: %(reason)s")
        raise ActionRefused(
            code="check_in.closed",
            text=text % {"resource": resource.name, "reason": resource.closed_reason},
        )
    if open_replacement(booking) is not None:
        raise ActionRefused(
            code="check_in.displaced",
            text=_("Maintenance has this time: answer the offer of another first."),
        )
    if fault is not None:
        text = _("%(resource)s cannot be used until a fault is mended: %(fault)s")
        said = f"{fault.of_linked}: {fault.title}" if fault.of_linked else fault.title
        raise ActionRefused(
            code="check_in.fault", text=text % {"resource": resource.name, "fault": said}
        )


def _ending(booking: Booking, actor: User, said: Leaving, at: datetime) -> SessionEnding:
    if said.handover and said.handover not in Handover.values:
        raise ActionRefused(
            code="check_out.handover",
            text=_("Choose how the instrument is left from the list."),
            field="handover",
            status=422,
        )
    note = said.note.replace("\0", "").strip()
    if len(note) > LONGEST_NOTE:
        raise ActionRefused(
            code="check_out.note",
            text=_("Write at most %(most)s characters for the next one.") % {"most": LONGEST_NOTE},
            field="handover_note",
            status=422,
        )
    questions = asked_questions(booking.resource, Moment.END)
    answered = read_answers(questions, said.answers, required=actor.pk == booking.user_id)
    return SessionEnding(
        at=at, how=SessionEnd.USER, handover=said.handover, note=note, answered=answered
    )
