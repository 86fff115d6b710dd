"""Telling the outbox that time became free, for whoever waits for it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from booking.events import post_event
from labitory.lib.periods import Period


def told_freed(resource_id: UUID, period: Period) -> dict[str, str]:
    """Freed time as events carry it."""
    return {
        "resource": str(resource_id),
        "start_time": period.start.isoformat(),
        "end_time": period.end.isoformat(),
    }


def post_freed(freed: Iterable[tuple[UUID, Period]], *, now: datetime) -> None:
    """Tell the waiting list of freed time that no booking's event tells of; the past is nobody's.

    What ended a closure, maintenance, an offer or a hold calls it in its own transaction.
    """
    told = [told_freed(key, period) for key, period in freed if period.end > now]
    if told:
        post_event(kind="time.freed", payload={"freed": told}, now=now)
