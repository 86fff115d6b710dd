"""The outbox: an event is written with what it tells of, and told after the commit."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from booking.models.events import OutboxEvent

_wakers: list[Callable[[], None]] = []


def post_event(*, kind: str, payload: Mapping[str, Any], now: datetime) -> OutboxEvent:
    """Put an event into the outbox, in the caller's transaction.

    `kind` is one of the catalogue (`booking.created`); the payload holds ids, never secrets.
    After the commit the dispatcher is woken; should that fail, the sweep finds the event.
    """
    event = OutboxEvent.objects.create(kind=kind, payload=dict(payload), created_at=now)
    # robust: a broker that is away costs a log line, never the request.
    transaction.on_commit(wake_dispatcher, robust=True)
    return event


def register_waker(waker: Callable[[], None]) -> None:
    """Name what is called after a commit that left events behind (the tasks register here)."""
    if waker not in _wakers:
        _wakers.append(waker)


def wake_dispatcher() -> None:
    """Tell the workers that there is something to do."""
    for waker in _wakers:
        waker()
