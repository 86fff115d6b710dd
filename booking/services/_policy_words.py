"""Values as a policy file writes them, both ways."""

import re
from decimal import Decimal

from booking.enums import LIMIT_WORDS, Limit, Measure, QuotaPeriod

LARGEST = 5_256_000
NO_LIMIT = "no limit"
_UNITS = {"min": 1, "h": 60, "d": 1440, "w": 10080}
_LONG = {
    "m": "min",
    "minute": "min",
    "minutes": "min",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
}
_VALUE = re.compile(r"(\d{1,9})\s*([a-z]+)", re.ASCII)
_COST = re.compile(r"(\d{1,10}(?:\.\d{1,2})?)\s*cost", re.ASCII)
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_BOOKINGS = ("booking", "bookings")
# Beside quotas, hours are counted on: who has 30 hours a week has no use for days.
_OF_QUOTAS = ("min", "h")


def write_minutes(minutes: int, units: tuple[str, ...] = tuple(_UNITS)) -> str:
    """A length of time that `read_minutes` reads again: '2 h'."""
    unit = next(name for name in reversed(units) if minutes % _UNITS[name] == 0)
    return f"{minutes // _UNITS[unit]} {unit if minutes else 'min'}"


def read_minutes(word: object) -> int:
    """A length of time in minutes; raises `ValueError`."""
    number, unit = _parts(word)
    minutes = number * _UNITS.get(_LONG.get(unit, unit), -1)
    if minutes < 0 or (number and not minutes):
        raise ValueError(word)
    return minutes


def read_hours(word: object) -> int:
    """A length of time in whole hours; raises `ValueError`."""
    hours, rest = divmod(read_minutes(word), 60)
    if rest:
        raise ValueError(word)
    return hours


def write_value(limit: Limit, value: int | None) -> str:
    """A value in words that `read_value` reads again: '2 h', '3 bookings', 'no limit'."""
    if value is None:
        return NO_LIMIT
    return _write_count(value) if LIMIT_WORDS[limit] == "bookings" else write_minutes(value)


def read_value(limit: Limit, word: object) -> int | None:
    """What the words mean, in minutes or bookings; raises `ValueError` where they mean nothing."""
    if str(word).strip().lower() == NO_LIMIT:
        return None
    counts = LIMIT_WORDS[limit] == "bookings"
    value = _read_count(word) if counts else read_minutes(word)
    if value > LARGEST:
        raise ValueError(word)
    return value


def write_amount(measure: Measure, amount: Decimal) -> str:
    """What a quota gives, with its unit: '30 h', '3 bookings'."""
    if measure == Measure.MINUTES:
        return write_minutes(int(amount), _OF_QUOTAS)
    return _write_count(int(amount)) if measure == Measure.COUNT else f"{amount:.2f} cost"


def read_amount(word: object) -> tuple[Measure, Decimal]:
    """What a quota counts, and how much of it; raises `ValueError`."""
    text = str(word).strip().lower()
    if priced := _COST.fullmatch(text):
        return Measure.COST, Decimal(priced[1])
    _number, unit = _parts(text)
    if unit in _BOOKINGS:
        return Measure.COUNT, Decimal(_read_count(text))
    return Measure.MINUTES, Decimal(read_minutes(text))


def write_each(period: QuotaPeriod, rolling_days: int | None) -> str:
    """For how long a quota lasts: 'month', or 'any 30 days'."""
    return f"any {rolling_days} days" if period == QuotaPeriod.ROLLING else str(period.value)


def read_each(word: object) -> tuple[QuotaPeriod, int | None]:
    """The period of a quota, and how many days a rolling one has; raises `ValueError`."""
    text = str(word).strip().lower()
    if found := re.fullmatch(r"any (\d{1,3}) days?", text, re.ASCII):
        return QuotaPeriod.ROLLING, int(found[1])
    period = QuotaPeriod(text)
    if period == QuotaPeriod.ROLLING:
        raise ValueError(word)
    return period, None


def read_percent(word: object) -> int:
    """A part of a hundred: '50 percent' or '50 %'; raises `ValueError`."""
    found = re.fullmatch(r"(\d{1,3})\s*(?:%|percent)", str(word).strip().lower(), re.ASCII)
    if found is None or int(found[1]) > 100:  # noqa: PLR2004 - percent
        raise ValueError(word)
    return int(found[1])


def read_flag(word: object) -> bool:
    """Yes or no; raises `ValueError`."""
    text = str(word).strip().lower()
    if text not in _FLAGS:
        raise ValueError(word)
    return _FLAGS[text]


def write_flag(value: bool) -> str:  # noqa: FBT001 - a value, not a choice
    """Yes or no."""
    return "yes" if value else "no"


def read_cost(word: object) -> Decimal:
    """An amount of money; raises `ValueError`."""
    found = re.fullmatch(r"\d{1,8}(?:\.\d{1,2})?", str(word).strip(), re.ASCII)
    if found is None:
        raise ValueError(word)
    return Decimal(found[0])


def _parts(word: object) -> tuple[int, str]:
    found = _VALUE.fullmatch(str(word).strip().lower())
    if found is None:
        raise ValueError(word)
    return int(found[1]), found[2]


def _write_count(value: int) -> str:
    return f"{value} booking" if value == 1 else f"{value} bookings"


def _read_count(word: object) -> int:
    number, unit = _parts(word)
    if unit not in _BOOKINGS:
        raise ValueError(word)
    return number
