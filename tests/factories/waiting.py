"""Entries of the waiting list for tests, past every rule."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from booking.models import WaitingEntry
from labitory.lib.periods import Period


def make_entry(
    user: User, window: Period, *, at: datetime, minutes: int = 60, **fields: Any
) -> WaitingEntry:
    """Somebody waits for a resource, type or pool, since `at`."""
    return WaitingEntry.objects.create(
        user=user,
        earliest=window.start,
        latest=window.end,
        minutes=minutes,
        created_at=at,
        **fields,
    )


def hours(now: datetime, first: float, last: float) -> Period:
    """From so many hours from now until so many."""
    return Period(now + timedelta(hours=first), now + timedelta(hours=last))
