"""What use costs: the price that counts for somebody, and the rows of those who write them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from accounts.models import User
from booking.models import Price, Resource
from booking.queries._facts_parts import price_facts
from booking.queries.places import in_places, types_in_places
from booking.rules.prices import PriceFacts, price_on
from labitory.lib.http import lab_zone
from labitory.lib.money import say_money

CODE = "price.manage"


def price_now(loaded: Resource, now: datetime) -> PriceFacts | None:
    """What counts today on a resource that was loaded with its facts, for whom it was loaded."""
    return price_on(price_facts(loaded), now.astimezone(loaded.zone).date())


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
