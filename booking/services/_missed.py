"""Bookings that nobody came for: marked, and the rest of their time given back."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Status
from booking.locks import lock_booking
from booking.models import Booking
from booking.queries.check_ins import missed_bookings
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims
from booking.services._sessions import freed
from booking.services._words import clock_at
from labitory.lib.periods import Period


def note_missed(
    booking: Booking, *, actor: User | None, at: datetime, now: datetime, reason: str = ""
) -> None:
    """Nobody came: the booking is a no-show since `at`, what is left of its time is free.

    The caller holds the booking's lock.
    """
    before = booking.status
    change_status(booking, Status.NO_SHOW, actor=actor, now=at, reason=reason)
    booking.updated_at = now
    booking.save(update_fields=["status", "sequence", "updated_at"])
    release_claims(booking)
    record_booking(
        booking,
        "booking.no_show",
        actor=actor,
        now=now,
        reason=reason,
        changes={"status": (before, booking.status)},
    )
    rest = Period(max(booking.start_time, now), booking.end_time)
    post_booking_event(
        "booking.no_show",
        [booking],
        actor=actor,
        now=now,
        reason=reason,
        freed=freed(booking, rest),
    )


def free_missed(keys: Iterable[int], *, now: datetime) -> int:
    """Mark those of the bookings that nobody came for within the grace; gives how many.

    Whoever checks in at the same moment holds the booking, and it is no longer missed then.
    """
    missed = missed_bookings(now).filter(pk__in=list(keys)).order_by("pk")
    return sum(_free(public_id, now) for public_id in missed.values_list("public_id", flat=True))


def _free(public_id: UUID, now: datetime) -> bool:
    booking = lock_booking(public_id)
    # Asked again under the lock: somebody may just have come, or changed it.
    at = missed_bookings(now).filter(pk=booking.pk).values_list("lapses_at", flat=True).first()
    if at is None:
        return False
    reason = _("Nobody checked in by %(time)s.") % {"time": clock_at(booking.resource, at, at)}
    note_missed(booking, actor=None, at=at, now=now, reason=reason)
    return True
