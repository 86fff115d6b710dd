"""What follows when time becomes free."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from booking.queries.waiting_list import freed_by
from booking.services._matching import give_on
from labitory.lib.db import run_transaction


def serve_waiting(*, kind: str, payload: Mapping[str, Any], now: datetime) -> int:
    """Offer the time that an event tells of as free to those who wait; gives how many were.

    Running twice changes nothing: what is offered is no longer free.
    """
    return run_transaction(lambda: give_on(freed_by(kind, payload), now=now))
