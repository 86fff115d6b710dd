"""Writing what use costs, inside an open transaction: by hand or from a file of policies."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import PriceClass, User
from audit.services import record
from booking.errors import ActionRefused
from booking.models import Booking, Price, Resource, ResourceType
from booking.permissions import can_set_price
from booking.queries.prices import has_begun, say_price
from booking.services._managers import require_manager
from labitory.lib.db import constraint_of
from labitory.lib.formats import say_date
from labitory.lib.http import lab_zone
from labitory.lib.money import to_cents
from labitory.lib.periods import local_midnight

# With it the dearest booking, a year long, still fits where costs are kept.
LARGEST = Decimal("999999.99")
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDetails:
    """What a price says: of one resource or one type; without a class for everybody else."""

    resource_id: UUID | None = None
    type_id: UUID | None = None
    # The code of a price class.
    price_class: str = ""
    per_hour: Decimal
    per_booking: Decimal = Decimal(0)
    valid_from: date


def put_price(*, price: Price, details: PriceDetails, actor: User, now: datetime) -> Price:
    """Write a price that is new or held, with its record. Raises `NotAllowed`, `ActionRefused`."""
    is_new = price.pk is None
    before = {} if is_new else _values(price)
    if not is_new:
        require_price_manager(actor, price)
        require_to_come(price, now)
    _apply(price, details)
    require_price_manager(actor, price)
    _require_one_currency()
    require_no_cost_since(price, now)
    _write(price)
    _record("price.created" if is_new else "price.changed", price, before, actor, now)
    return price


def drop_price(*, price: Price, actor: User, now: datetime) -> None:
    """Remove a price that has not begun, with its record."""
    require_price_manager(actor, price)
    require_to_come(price, now)
    _record("price.removed", price, _values(price), actor, now)
    price.delete()


def refused_price(code: str, text: str, field: str, status: int = 422) -> ActionRefused:
    """The no to what a price shall say."""
    return ActionRefused(code=code, text=text, field=field, status=status)


def require_sound(details: PriceDetails) -> None:
    """Refuse what no price can say; raises `ActionRefused`."""
    if (details.resource_id is None) == (details.type_id is None):
        text = _("A price is that of one instrument or of one type: choose one of them.")
        raise refused_price("price.scope", text, "resource")
    for field, amount in (("per_hour", details.per_hour), ("per_booking", details.per_booking)):
        if not 0 <= amount <= LARGEST or amount != to_cents(amount):
            text = _("Write an amount between 0 and %(most)s, with two decimals at most.")
            raise refused_price("price.amount", text % {"most": f"{LARGEST:,}"}, field)
    if not _EARLIEST <= details.valid_from < _LATEST:
        text = _("Choose a day between the years 2000 and 2099.")
        raise refused_price("price.day", text, "valid_from")


def require_price_manager(actor: User, price: Price) -> None:
    """Raise `NotAllowed` unless the actor sets prices there."""
    allowed = can_set_price(actor, price.resource, price.resource_type_id)
    require_manager(allowed, "price.manage", price.resource, type_id=price.resource_type_id)


def require_to_come(price: Price, now: datetime) -> None:
    """Refuse to touch a price that has begun: what was booked by it stays true."""
    if has_begun(price, now):
        text = _(
            "This price has counted since %(day)s and stays as it was: write a new one from a "
            "later day."
        )
        words = {"day": say_date(price.valid_from)}
        raise refused_price("price.begun", text % words, "valid_from", status=409)


def _apply(price: Price, details: PriceDetails) -> None:
    price.resource = _found(Resource, "public_id", details.resource_id, "resource")
    price.resource_type = _found(ResourceType, "public_id", details.type_id, "resource_type")
    price.price_class = _found(PriceClass, "code", details.price_class, "price_class")
    price.per_hour, price.per_booking = details.per_hour, details.per_booking
    price.valid_from = details.valid_from
    price.currency = settings.LAB_CURRENCY


def _found(model: Any, name: str, word: UUID | str | None, field: str) -> Any:  # noqa: ANN401
    if not word:
        return None
    found = model.objects.filter(**{name: word}).first()
    if found is None:
        text = _("There is no such thing any more: choose again.")
        raise refused_price("price.unknown", text, field)
    return found


def _require_one_currency() -> None:
    """Amounts of two currencies never stand beside each other."""
    other = Price.objects.exclude(currency=settings.LAB_CURRENCY).first()
    if other is not None:
        text = _(
            "The prices here are in %(old)s, but LAB_CURRENCY says %(new)s: an operator must set "
            "it back before any price is written."
        )
        words = {"old": other.currency, "new": settings.LAB_CURRENCY}
        raise refused_price("price.currency", text % words, "per_hour", status=409)


def require_no_cost_since(price: Price, now: datetime) -> None:
    """A price may begin in the past only where nothing was given a cost since."""
    zone = lab_zone()
    if price.valid_from >= now.astimezone(zone).date():
        return
    since = Booking.objects.filter(
        cost__isnull=False, start_time__gte=local_midnight(price.valid_from, zone)
    )
    on_it = (
        since.filter(resource=price.resource)
        if price.resource
        else since.filter(resource__resource_type=price.resource_type)
    )
    if on_it.exists():
        text = _(
            "Bookings since that day carry a cost already, and it stays: let the price begin today "
            "or later."
        )
        raise refused_price("price.past", text, "valid_from")


def _write(price: Price) -> None:
    try:
        with transaction.atomic():
            price.save()
    except IntegrityError as error:
        if constraint_of(error) != "price_unique":
            raise
        text = _("There is a price of the same place and class from that day already: change it.")
        raise refused_price("price.twice", text, "valid_from") from error


def _values(price: Price) -> dict[str, Any]:
    return {
        "resource": price.resource.name if price.resource else "",
        "resource_type": price.resource_type.name if price.resource_type else "",
        "price_class": price.price_class.code if price.price_class else "",
        "per_hour": f"{price.per_hour:.2f}",
        "per_booking": f"{price.per_booking:.2f}",
        "valid_from": price.valid_from.isoformat(),
    }


def _record(action: str, price: Price, before: dict[str, Any], actor: User, now: datetime) -> None:
    after = {} if action == "price.removed" else _values(price)
    record(
        action=action,
        actor=actor,
        target=price,
        now=now,
        changes={
            name: (before.get(name), after.get(name))
            for name in (before or after)
            if before.get(name) != after.get(name)
        },
        facts={
            "place": str(price.resource or price.resource_type),
            "whom": str(price.price_class or _("everybody else")),
            "said": say_price(price),
        },
    )
