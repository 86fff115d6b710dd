"""Prices for tests, past every rule."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import PriceClass
from booking.models import Price, Resource, ResourceType

LONG_AGO = date(2025, 11, 3)


def make_price(place: Resource | ResourceType, per_hour: str = "10", **fields: Any) -> Price:
    """An amount an hour for everybody, since long ago."""
    where = {"resource" if isinstance(place, Resource) else "resource_type": place}
    plain: dict[str, Any] = {
        "per_hour": Decimal(per_hour),
        "currency": "EUR",
        "valid_from": LONG_AGO,
        "created_at": datetime(2025, 11, 3, 9, 0, tzinfo=UTC),
    }
    return Price.objects.create(**{**plain, **where, **fields})


def make_class(code: str = "industry") -> PriceClass:
    """A price class, named like its code."""
    return PriceClass.objects.get_or_create(code=code, defaults={"name": code.capitalize()})[0]
