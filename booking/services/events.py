"""Dispatching the outbox: each event's handlers run at least once, poison stops nobody else."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from booking.locks import claim_events
from booking.models import OutboxEvent
from labitory.lib.db import run_transaction
from labitory.lib.hints import published_together

logger = structlog.get_logger(__name__)

Handler = Callable[[OutboxEvent, datetime], None]
FIRST_WAIT = timedelta(seconds=10)
BATCH = 100
MANY = 100


def dispatch_batch(*, handlers: Mapping[str, Sequence[Handler]], now: datetime) -> int:
    """Take waiting events that nobody else holds, run their handlers, mark them told.

    Each event stands alone in a savepoint: what its handlers wrote is undone when one fails, and it
    is tried again later. After one with hundreds of readers (`payload["readers"]`) what was written
    is committed: nobody waits for thousands. Gives how many were taken.
    """
    taken = 0

    def work() -> tuple[int, bool]:
        events = claim_events(now=now, limit=BATCH - taken)
        for place, event in enumerate(events, 1):
            _dispatch(event, handlers.get(event.kind, ()), now)
            if event.payload.get("readers", 0) >= MANY:
                return place, True
        return len(events), False

    is_cut = True
    while is_cut and taken < BATCH:
        with published_together():
            number, is_cut = run_transaction(work)
        taken += number
    return taken


def _dispatch(event: OutboxEvent, handlers: Iterable[Handler], now: datetime) -> None:
    event.attempts += 1
    try:
        with transaction.atomic():
            for handler in handlers:
                handler(event, now)
        event.dispatched_at, event.last_error = now, ""
    except Exception as error:
        logger.exception("event.failed", kind=event.kind, id=str(event.public_id))
        event.last_error = f"{type(error).__name__}: {error}"[:1000]
        wait = FIRST_WAIT * 2 ** min(event.attempts, 12)
        event.next_attempt_at = now + wait * random.uniform(0.8, 1.2)  # noqa: S311
    event.save(update_fields=["attempts", "dispatched_at", "last_error", "next_attempt_at"])
