"""What use costs: the price that counts for somebody, and the rows of those who write them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from accounts.models import User
from booking.models import Price, Resource
from booking.queries._facts_parts import parse_prices, price_facts
from booking.queries._price_sql import PRICES_OF
from booking.queries.places import in_places, types_in_places
from booking.rules.prices import PriceFacts, cost_of, price_on
from labitory.lib.http import lab_zone
from labitory.lib.money import say_money
from labitory.lib.periods import Period

CODE = "price.manage"
PRICE_COLUMNS = (
    "resource", "resource_type", "price_class", "per_hour", "per_booking", "currency",
    "valid_from", "state",
)  # fmt: skip
# None: it has no price.
Cost = Decimal | None
_DAY = timedelta(days=1)


def price_now(loaded: Resource, now: datetime) -> PriceFacts | None:
    """What counts today on a resource that was loaded with its facts, for whom it was loaded."""
    return price_on(price_facts(loaded), now.astimezone(loaded.zone).date())


def costs_of(*, user: User, wishes: Mapping[UUID, Sequence[Period]]) -> dict[UUID, list[Cost]]:
    """What a person would pay for these times of each resource, in order; one statement."""
    if not wishes:
        return {}
    every = [period for periods in wishes.values() for period in periods]
    with connection.cursor() as cursor:
        cursor.execute(
            PRICES_OF,
            {
                "ids": list(wishes),
                "user": user.pk,
                "project": None,
                "currency": settings.LAB_CURRENCY,
                "first_day": (min(each.start for each in every) - _DAY).date(),
                "last_day": (max(each.end for each in every) + _DAY).date(),
            },
        )
        rows = {key: (parse_prices(found), zone) for key, zone, found in cursor.fetchall()}
    costs: dict[UUID, list[Cost]] = {}
    for key, periods in wishes.items():
        prices, zone = rows.get(key, ((), ""))
        known = ZoneInfo(zone) if zone else lab_zone()
        costs[key] = [cost_of(prices, each, known) for each in periods]
    return costs


def price_rows(viewer: User, *, now: datetime, word: str = "") -> "QuerySet[Price, Any]":
    """The same, each with whether it is to come, counts now, or is past."""
    today = now.astimezone(lab_zone()).date()
    newer = Price.objects.filter(
        _same("resource"),
        _same("resource_type"),
        _same("price_class"),
        valid_from__gt=OuterRef("valid_from"),
        valid_from__lte=today,
    )
    state = Case(
        When(valid_from__gt=today, then=Value("to_come")),
        When(Exists(newer), then=Value("past")),
        default=Value("counts"),
    )
    return managed_prices(viewer, word=word).annotate(state=state)


def price_cells(viewer: User, *, now: datetime, word: str = "") -> list[tuple[str, ...]]:
    """The same as rows of a file, in the order of `PRICE_COLUMNS`."""
    return [
        (
            price.resource.name if price.resource else "",
            price.resource_type.name if price.resource_type else "",
            price.price_class.name if price.price_class else "",
            str(price.per_hour),
            str(price.per_booking),
            price.currency,
            price.valid_from.isoformat(),
            price.state,
        )
        for price in price_rows(viewer, now=now, word=word)
    ]


def managed_prices(viewer: User, *, word: str = "") -> "QuerySet[Price]":
    """The prices that the viewer writes: by place and class, the newest first."""
    found = Price.objects.select_related("resource__resource_type", "resource_type", "price_class")
    if own := in_places(viewer, CODE):
        found = found.filter(own | types_in_places(viewer, CODE, kind="resource_type"))
    if word:
        found = found.filter(
            Q(resource__name__icontains=word)
            | Q(resource_type__name__icontains=word)
            | Q(price_class__name__icontains=word)
        )
    return found.order_by(
        "resource_type__name", "resource__name", "price_class__name", "-valid_from", "pk"
    )


def _same(name: str) -> Q:
    """The same thing as the outer row's, or both none."""
    outer = OuterRef(f"{name}_id")
    return Q(**{f"{name}_id": outer}) | Q(
        IsNull(outer, True),
        **{f"{name}__isnull": True},
    )


def find_price(viewer: User, public_id: UUID) -> Price | None:
    """A price that the viewer writes."""
    return managed_prices(viewer).filter(public_id=public_id).first()


def has_begun(price: Price, now: datetime) -> bool:
    """Whether it counts already, by the lab's day: then nothing changes it."""
    return price.valid_from <= now.astimezone(lab_zone()).date()


def say_price(price: Price | PriceFacts) -> str:
    """The amounts of a price: '12.00 EUR an hour, 5.00 EUR a booking'."""
    parts = []
    if price.per_hour or not price.per_booking:
        parts.append(_("%(amount)s an hour") % {"amount": say_money(price.per_hour)})
    if price.per_booking:
        parts.append(_("%(amount)s a booking") % {"amount": say_money(price.per_booking)})
    return ", ".join(parts)
