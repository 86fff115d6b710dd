"""Starting, finishing and missing a booking."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import ClaimKind, Status
from booking.errors import ActionRefused, NotAllowed
from booking.locks import lock_booking
from booking.models import Booking, ResourceCalendar
from booking.permissions import can_change_booking, can_mark_no_show, where_of
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims
from labitory.lib.db import run_transaction

EARLIEST = timedelta(minutes=15)


def check_in(*, actor: User, booking_id: UUID, now: datetime) -> Booking:
    """Start to use a confirmed booking, from 15 minutes before its start until its end.

    Raises `Booking.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """

    def work() -> Booking:
        booking = _lock(actor, booking_id)
        if not booking.start_time - EARLIEST <= now < booking.end_time:
            raise ActionRefused(
                code="check_in.time",
                text=_("Check in from 15 minutes before the start until the end."),
            )
        return _step(booking, Status.CHECKED_IN, "booking.checked_in", actor, now)

    return run_transaction(work)


def check_out(*, actor: User, booking_id: UUID, now: datetime) -> Booking:
    """Finish a booking; the time that is left goes back to the calendar at once.

    Raises `Booking.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """

    def work() -> Booking:
        booking = _lock(actor, booking_id)
        if booking.status != Status.CHECKED_IN:
            raise ActionRefused(
                code="check_out.state", text=_("Only a booking that is in use can be finished.")
            )
        before = booking.end_time
        booking.end_time = _end(booking, now)
        booking.save(update_fields=["end_time"])
        _return_tail(booking)
        return _step(
            booking,
            Status.COMPLETED,
            "booking.completed",
            actor,
            now,
            {"end_time": (before, booking.end_time)},
        )

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
        release_claims(booking)
        return _step(booking, Status.NO_SHOW, "booking.no_show", actor, now)

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


def _step(
    booking: Booking,
    status: Status,
    action: str,
    actor: User,
    now: datetime,
    changes: dict[str, tuple[object, object]] | None = None,
) -> Booking:
    before = booking.status
    change_status(booking, status, actor=actor, now=now)
    booking.save(update_fields=["status", "sequence", "updated_at"])
    record_booking(
        booking,
        action,
        actor=actor,
        now=now,
        changes={"status": (before, booking.status), **(changes or {})},
    )
    post_booking_event(action, [booking], actor=actor, now=now)
    return booking


def _end(booking: Booking, now: datetime) -> datetime:
    """The coming full minute, within the booking."""
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return min(booking.end_time, max(minute, booking.start_time + timedelta(minutes=1)))


def _return_tail(booking: Booking) -> None:
    """Shorten the claims; a claim that only shrinks can meet no other."""
    during = booking.period.widen(
        timedelta(minutes=booking.setup_minutes), timedelta(minutes=booking.cleanup_minutes)
    )
    ResourceCalendar.objects.filter(
        booking=booking, kind__in=(ClaimKind.BOOKING, ClaimKind.LINKED)
    ).update(during=DateTimeTZRange(during.start, during.end, "[)"))
