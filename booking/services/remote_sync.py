"""Keeping the copies on people's calendar servers, and hearing what they changed there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils.translation import gettext as _

from booking.events import post_notice
from booking.models import Booking, RemoteCalendar
from booking.services._remote import PAGE, run_round
from labitory.lib.caldav import NoEntry
from labitory.lib.crypto import CannotDecrypt
from labitory.lib.db import run_transaction
from labitory.lib.outbound import AddressRefused

logger = structlog.get_logger(__name__)

EVERY = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=6)
# Some three days of waiting; a refused password is not tried so often.
MOST_FAILURES, MOST_REFUSALS = 16, 3


def sync_calendar(*, calendar_id: int, now: datetime) -> list[int]:
    """One round with one server, in no transaction; gives the entries whose change to follow.

    What fails is tried again, ever more slowly; then the calendar is stopped and its person told.
    """
    found = RemoteCalendar.objects.select_related("user").defer("password")
    calendar = found.filter(pk=calendar_id, is_active=True).first()
    if calendar is None or not calendar.user.is_active:
        return []
    try:
        done = run_round(calendar, now)
    except CannotDecrypt:
        said = _("The password can no longer be read: connect the calendar anew.")
        _note_failure(calendar, said, now, most=MOST_REFUSALS)
        return []
    except (OSError, AddressRefused) as error:
        said = str(error).replace(calendar.password, "…")
        refused = isinstance(error, NoEntry | AddressRefused)
        _note_failure(calendar, said, now, most=MOST_REFUSALS if refused else MOST_FAILURES)
        return []
    _end_round(
        calendar,
        now if done.has_more else now + EVERY,
        sync_token=done.token,
        synced_at=now,
        failures=0,
        last_error="",
    )
    return done.to_follow


def _end_round(calendar: RemoteCalendar, next_at: datetime, **fields: Any) -> None:
    """Give it back; whoever hastened it meanwhile has named its next turn."""
    own = RemoteCalendar.objects.filter(pk=calendar.pk)
    own.update(lent_until=None, **fields)
    own.filter(next_sync_at=calendar.next_sync_at).update(next_sync_at=next_at)


def _note_failure(calendar: RemoteCalendar, said: str, now: datetime, *, most: int) -> None:
    calendar.failures += 1
    calendar.last_error = said[:300]
    wait = min(EVERY * 2 ** min(calendar.failures - 1, 8), LONGEST_WAIT)
    calendar.is_active = calendar.failures < most
    logger.warning(
        "remote_calendar.failed",
        calendar=calendar.pk,
        failures=calendar.failures,
        error=calendar.last_error,
    )

    def work() -> None:
        _end_round(
            calendar,
            now + wait,
            failures=calendar.failures,
            last_error=calendar.last_error,
            is_active=calendar.is_active,
        )
        if not calendar.is_active:
            post_notice(
                kind="calendar.stopped",
                people=[calendar.user_id],
                now=now,
                path=PAGE,
                facts={"reason": calendar.last_error},
            )

    run_transaction(work)


def hasten_calendars(*, booking_ids: Sequence[str], now: datetime) -> None:
    """Let the copies follow soon after these bookings have changed; it may be asked twice."""
    people = Booking.objects.filter(public_id__in=booking_ids).values("user")
    RemoteCalendar.objects.filter(
        user__in=people, is_active=True, failures=0, next_sync_at__gt=now
    ).update(next_sync_at=now)
