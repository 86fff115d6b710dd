"""What follows when time becomes free."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from booking.queries.waiting_list import freed_by
from booking.services._claims import release_holds
from booking.services._matching import give_on
from labitory.lib.db import run_transaction


def serve_waiting(*, kind: str, payload: Mapping[str, Any], now: datetime) -> int:
    """Offer the time that an event tells of as free to those who wait; gives how many were.

    What was held while the act could be undone goes on in the same step: nobody gets in between.
    Running twice changes nothing: what is offered is no longer free.
    """

    def work() -> int:
        release_holds(payload.get("holds", ()))
        return give_on(freed_by(kind, payload), now=now)

    return run_transaction(work)
