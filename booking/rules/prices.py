"""What a booking costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from labitory.lib.money import to_cents
from labitory.lib.periods import Period

_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFacts:
    """A price that may count for the one who pays, and how specific it is: more goes first."""

    per_hour: Decimal
    per_booking: Decimal
    valid_from: date
    # Of the resource itself, not of its type; of the payer's class, not of everybody else.
    of_resource: bool = False
    of_class: bool = False


def price_on(prices: Iterable[PriceFacts], day: date) -> PriceFacts | None:
    """The price that counts on a lab-local day: the most specific, of it the newest begun."""
    begun = (each for each in prices if each.valid_from <= day)
    return max(
        begun,
        key=lambda each: (each.of_resource, each.of_class, each.valid_from),
        default=None,
    )


def cost_of(prices: Iterable[PriceFacts], period: Period, zone: ZoneInfo) -> Decimal | None:
    """What a booking costs by the price of the day on which it starts; None: it has no price.

    So much for the booking and so much for each hour of it, set-up and clean-up not counted; in
    cents, a half upwards.
    """
    price = price_on(prices, period.start.astimezone(zone).date())
    if price is None or period.end <= period.start:
        return None
    seconds = Decimal(int(period.length.total_seconds()))
    return to_cents(price.per_booking + price.per_hour * seconds / _HOUR)
