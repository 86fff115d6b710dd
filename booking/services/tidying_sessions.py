"""What time alone brings about at the instruments, as jobs write it down.

Pages and rules know it before, from the clock: a run that is missed changes nothing.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from django.urls import reverse

from booking.enums import OPEN, SessionEnd, Status
from booking.events import post_notice
from booking.locks import lock_booking
from booking.models import Booking, UsageSession
from booking.queries.check_ins import (
    WARNED_AHEAD,
    missed_bookings,
    overdue_bookings,
    terms_of,
    unwarned_sessions,
)
from booking.services._missed import free_missed
from booking.services._sessions import SessionEnding, end_session
from labitory.lib.db import run_transaction

logger = structlog.get_logger(__name__)

BATCH = 200
Key = TypeVar("Key")


def tidy_sessions(*, now: datetime) -> int:
    """Mark who did not come, check out who is long overdue, warn who stays beyond their end.

    Each is a transaction of its own and gets the time that it should have had, however late the
    run. Gives how many changed.
    """
    missed = missed_bookings(now).order_by("pk").values_list("pk", flat=True)
    changed = _each(missed[:BATCH], lambda pk: free_missed([pk], now=now) > 0)
    overdue = overdue_bookings(now).order_by("pk").values_list("public_id", flat=True)
    changed += _each(overdue[:BATCH], lambda public_id: _check_out(public_id, now))
    unwarned = unwarned_sessions(now).values_list("booking__public_id", flat=True)
    return changed + _each(unwarned[:BATCH], lambda public_id: _warn(public_id, now))


def _each(keys: Iterable[Key], act: Callable[[Key], bool]) -> int:
    """One transaction each; what fails is left for the next run, and stops no other."""
    changed = 0
    for key in list(keys):
        try:
            changed += run_transaction(partial(act, key))
        except Exception:
            logger.exception("session.not_tidied", booking=str(key))
    return changed


def _check_out(public_id: UUID, now: datetime) -> bool:
    booking = lock_booking(public_id)
    if not overdue_bookings(now).filter(pk=booking.pk).exists():
        return False
    # A forgotten session that no policy ends: nobody knows more than what was booked.
    at = terms_of(public_id).check_out_at or booking.end_time
    end_session(booking, SessionEnding(at=at, how=SessionEnd.AUTOMATIC), actor=None, now=now)
    return True


def _warn(public_id: UUID, now: datetime) -> bool:
    booking = lock_booking(public_id)
    session = unwarned_sessions(now).filter(booking=booking).first()
    if session is None or booking.status != Status.CHECKED_IN:
        return False
    UsageSession.objects.filter(pk=session.pk).update(warned_at=now)
    post_notice(
        kind="session.overrun",
        people=[booking.user_id],
        now=now,
        path=reverse("booking:booking_detail", args=[booking.public_id]),
        facts={
            "resource": booking.resource.name,
            "end": {"at": booking.end_time.isoformat()},
        },
    )
    _warn_next(booking, now)
    return True


def _warn_next(booking: Booking, now: datetime) -> None:
    """Tell who comes next, where one person has the instrument at a time and they come soon."""
    if booking.resource.capacity > 1:
        return
    following = (
        Booking.objects.filter(
            resource=booking.resource,
            status__in=OPEN,
            end_time__gt=now,
            start_time__gte=booking.end_time,
            start_time__lt=now + WARNED_AHEAD,
        )
        .exclude(user=booking.user)
        .order_by("start_time")
        .first()
    )
    if following is None:
        return
    post_notice(
        kind="session.delayed",
        people=[following.user_id],
        now=now,
        path=reverse("booking:booking_detail", args=[following.public_id]),
        facts={
            "resource": booking.resource.name,
            "start": {"at": following.start_time.isoformat()},
        },
    )
