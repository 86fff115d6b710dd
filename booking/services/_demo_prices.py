"""Prices of the demonstration: three classes, one price to come, and what its bookings cost."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from accounts.models import GroupMember, PriceClass, ResearchGroup
from booking.models import Booking, Price, Resource, ResourceType
from booking.rules.prices import PriceFacts, cost_of
from labitory.lib.periods import local_midnight

_SINCE = timedelta(days=30)
_BATCH = 1000
# A type or an instrument: for each class, and for everybody else, an hour and a booking.
_AMOUNTS: dict[str, dict[str, tuple[int, int]]] = {
    "Light microscope": {"internal": (12, 0), "partner": (24, 0), "industry": (90, 0), "": (30, 0)},
    "Electron microscope": {
        "internal": (35, 0),
        "partner": (55, 0),
        "industry": (180, 0),
        "": (80, 0),
    },
    "Super-resolution microscope": {"internal": (40, 10), "partner": (60, 10), "": (120, 25)},
}
# From the first of the next month on.
_TO_COME = ("Electron microscope", "internal", 38)


def make_prices(*, now: datetime) -> None:
    """Microscopes cost something since last month; electron microscopes cost more from the next."""
    today = now.astimezone(ZoneInfo(settings.LAB_TIME_ZONE)).date()
    types = {each.name: each for each in ResourceType.objects.filter(name__in=_AMOUNTS)}
    tools = {each.name: each for each in Resource.objects.filter(name__in=_AMOUNTS)}
    classes = {each.code: each for each in PriceClass.objects.all()}
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    rows = [
        (name, code, hour, booking, today - _SINCE)
        for name, amounts in _AMOUNTS.items()
        for code, (hour, booking) in amounts.items()
    ]
    Price.objects.bulk_create(
        Price(
            resource=tools.get(name),
            resource_type=types.get(name),
            price_class=classes.get(code),
            per_hour=Decimal(hour),
            per_booking=Decimal(booking),
            currency=settings.LAB_CURRENCY,
            valid_from=day,
            created_at=now - _SINCE,
        )
        for name, code, hour, booking, day in (*rows, (*_TO_COME, 0, next_month))
    )


def write_costs() -> None:
    """What the bookings since then cost, by the class of who pays."""
    prices = list(Price.objects.all())
    since = local_midnight(
        min(each.valid_from for each in prices), ZoneInfo(settings.LAB_TIME_ZONE)
    )
    classes = dict(ResearchGroup.objects.values_list("pk", "price_class"))
    groups = dict(GroupMember.objects.order_by("-group").values_list("user_id", "group_id"))
    groups |= dict(ResearchGroup.objects.order_by("-pk").values_list("lead_id", "pk"))
    by_place: dict[tuple[int | None, int | None], list[Price]] = defaultdict(list)
    for price in prices:
        by_place[price.resource_id, price.resource_type_id].append(price)
    places = Q(resource__in=[key for key, _kind in by_place if key]) | Q(
        resource__resource_type__in=[kind for _key, kind in by_place if kind]
    )
    bookings = list(
        Booking.objects.filter(places, start_time__gte=since).select_related("resource", "project")
    )
    for booking in bookings:
        group = booking.project.group_id if booking.project else groups.get(booking.user_id)
        payer = classes.get(group) if group else None
        resource = booking.resource
        found = (*by_place[resource.pk, None], *by_place[None, resource.resource_type_id])
        facts = [_facts(each) for each in found if each.price_class_id in (None, payer)]
        booking.cost = cost_of(facts, booking.period, resource.zone)
    Booking.objects.bulk_update(bookings, ["cost"], batch_size=_BATCH)


def _facts(price: Price) -> PriceFacts:
    return PriceFacts(
        per_hour=price.per_hour,
        per_booking=price.per_booking,
        valid_from=price.valid_from,
        of_resource=price.resource_id is not None,
        of_class=price.price_class_id is not None,
    )
