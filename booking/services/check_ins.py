"""Starting, extending, finishing and missing a booking."""

from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Handover, Moment, SessionEnd, Status
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.locks import lock_booking
from booking.models import Booking
from booking.permissions import can_change_booking, can_mark_no_show, where_of
from booking.queries.check_ins import Terms, terms_of
from booking.queries.displaced import open_replacement
from booking.queries.faults import outage_facts
from booking.queries.questions import asked_questions
from booking.services._answers import Given, read_answers
from booking.services._booking import BookingDetails, Wish, find_resources, taken
from booking.services._changes import require_transition
from booking.services._extending import extend, extension_taken
from booking.services._making import make_bookings
from booking.services._missed import note_missed
from booking.services._refusals import explain_refusal
from booking.services._sessions import SessionEnding, begin_session, end_session, make_way
from booking.services._words import clock_at
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is said on finishing: the answers, how the instrument is left, and a note."""

    answers: Given = field(default_factory=lambda: MappingProxyType({}))
    handover: str = ""
    note: str = ""


def check_in(
    *, actor: User, booking_id: UUID, now: datetime, answers: Given | None = None
) -> Booking:
    """Start to use a confirmed booking, from 15 minutes before its start until its end.

    A policy may say how long before, and how soon after its start it counts as missed. What is
    asked before the work must be answered. Raises `Booking.DoesNotExist`, `NotAllowed`,
    `ActionRefused`, and `BookingError` (422) for answers that cannot be taken.
    """

    def work() -> Booking:
        booking = _lock(actor, booking_id)
        require_transition(booking, Status.CHECKED_IN)
        _require_time(booking, terms_of(booking_id), now)
        _begin(booking, actor, now, answers or {})
        return booking

    return run_transaction(work)


def start_now(
    *,
    actor: User,
    resource_id: UUID,
    until: datetime,
    now: datetime,
    details: BookingDetails | None = None,
    answers: Given | None = None,
) -> Booking:
    """Walk up to a free instrument: book it from this minute on and check in, or neither.

    Every rule of booking is asked; only the start need not lie on the grid. Raises what
    `create_booking` and `check_in` raise.
    """
    wish = Wish(
        actor=actor,
        user=actor,
        resource_ids=(resource_id,),
        period=Period(now.replace(second=0, microsecond=0), until),
        now=now,
        details=details or BookingDetails(),
        action="start_now",
    )

    def work() -> Booking:
        booking = make_bookings(wish, None)[0]
        if booking.status != Status.CONFIRMED:
            raise ActionRefused(
                code="start_now.approval",
                text=_(
                    "Bookings of %(resource)s are approved first: book it, and start when it is "
                    "approved."
                )
                % {"resource": booking.resource.name},
            )
        _begin(booking, actor, now, answers or {})
        return booking

    try:
        return run_transaction(work)
    except LostRace as error:
        raise explain_refusal(wish, taken(find_resources(wish))) from error
    except BookingError as error:
        raise explain_refusal(wish, error) from error


def extend_booking(*, actor: User, booking_id: UUID, until: datetime, now: datetime) -> Booking:
    """Stay longer, as long as the instrument is free: every rule is asked for the longer booking.

    A refusal for want of time says until when it is free. Raises `Booking.DoesNotExist`,
    `NotAllowed`, `ActionRefused`, `BookingRefused` and `SlotTaken`; the booking then stands as it
    was.
    """
    booking = Booking.objects.select_related("resource", "user", "project").get(
        public_id=booking_id
    )
    wish = Wish(
        actor=actor,
        user=booking.user,
        resource_ids=(booking.resource.public_id,),
        period=Period(booking.start_time, until),
        now=now,
        details=BookingDetails(
            purpose=booking.purpose, seats=booking.seats, project_id=booking.charged_to
        ),
        action="extend",
    )
    try:
        return run_transaction(lambda: extend(wish, booking_id))
    except LostRace as error:
        raise extension_taken(booking.resource, None, now) from error


def check_out(
    *, actor: User, booking_id: UUID, now: datetime, leaving: Leaving | None = None
) -> Booking:
    """Finish a booking; the time that is left goes back to the calendar at once.

    Its person answers what is asked after the work; who finishes for them need not. Raises
    `Booking.DoesNotExist`, `NotAllowed`, `ActionRefused`, and `BookingError` (422) for answers
    that cannot be taken.
    """
    said = leaving or Leaving()

    def work() -> Booking:
        booking = _lock(actor, booking_id)
        if booking.status != Status.CHECKED_IN:
            raise ActionRefused(
                code="check_out.state", text=_("Only a booking that is in use can be finished.")
            )
        end_session(booking, _ending(booking, actor, said, now), actor=actor, now=now)
        return booking

    return run_transaction(work)


def mark_no_show(*, actor: User, booking_id: UUID, now: datetime) -> Booking:
    """Note that nobody came, once the booking has begun; its time is free again.

    Raises `Booking.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """

    def work() -> Booking:
        booking = lock_booking(booking_id)
        if not can_mark_no_show(actor, booking):
            raise NotAllowed(
                code="permission.no_show",
                text=_("Only lab managers mark a no-show."),
                needs="booking.mark_no_show",
                where=where_of(booking.resource),
            )
        if booking.start_time > now:
            raise ActionRefused(
                code="no_show.early", text=_("The booking has not begun: cancel it instead.")
            )
        note_missed(booking, actor=actor, at=now, now=now)
        return booking

    return run_transaction(work)


def _lock(actor: User, booking_id: UUID) -> Booking:
    booking = lock_booking(booking_id)
    if not can_change_booking(actor, booking):
        raise NotAllowed(
            code="permission.booking",
            text=_("Only its own people may use a booking."),
            needs="booking.change_any",
            where=where_of(booking.resource),
        )
    return booking


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


def _begin(booking: Booking, actor: User, now: datetime, answers: Given) -> None:
    """Open the session, if the instrument can be used and what is asked is answered."""
    _require_usable(booking, now)
    make_way(booking, now=now)
    questions = asked_questions(booking.resource, Moment.START)
    answered = read_answers(questions, answers, required=True)
    begin_session(booking, actor=actor, now=now, answered=answered)


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


def _ending(booking: Booking, actor: User, said: Leaving, now: datetime) -> SessionEnding:
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
        at=now, how=SessionEnd.USER, handover=said.handover, note=note, answered=answered
    )
