"""Setting what use costs."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from booking.locks import lock_price
from booking.models import Price
from booking.services._price_writing import (
    LARGEST,
    PriceDetails,
    drop_price,
    put_price,
    require_sound,
)
from labitory.lib.db import run_transaction

__all__ = ["LARGEST", "PriceDetails", "remove_price", "save_price"]


def save_price(
    *, actor: User, price_id: UUID | None, details: PriceDetails, now: datetime
) -> Price:
    """Write a price: a new one, or one that has not begun yet.

    One that has begun is never changed; a new one from a later day follows it. What is booked
    already keeps the cost that it was told, until it moves, changes its length or changes hands.
    Raises `Price.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """
    require_sound(details)

    def work() -> Price:
        price = lock_price(price_id) if price_id else Price(created_at=now)
        return put_price(price=price, details=details, actor=actor, now=now)

    return run_transaction(work)


def remove_price(*, actor: User, price_id: UUID, now: datetime) -> None:
    """Remove a price that has not begun yet: what counts until then goes on.

    Raises `Price.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """
    run_transaction(lambda: drop_price(price=lock_price(price_id), actor=actor, now=now))
