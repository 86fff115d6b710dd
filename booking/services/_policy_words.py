"""Values of limits as a policy file writes them, both ways."""

import re

from booking.enums import LIMIT_WORDS, Limit

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
_VALUE = re.compile(r"(\d{1,7})\s*([a-z]+)", re.ASCII)


def write_value(limit: Limit, value: int | None) -> str:
    """A value in words that `read_value` reads again: '2 h', '3 bookings', 'no limit'."""
    if value is None:
        return NO_LIMIT
    if LIMIT_WORDS[limit] == "bookings":
        return f"{value} booking" if value == 1 else f"{value} bookings"
    unit = next(name for name, size in reversed(_UNITS.items()) if value % size == 0)
    return f"{value // _UNITS[unit]} {unit if value else 'min'}"


def read_value(limit: Limit, word: object) -> int | None:
    """What the words mean, in minutes or bookings; raises `ValueError` where they mean nothing."""
    text = str(word).strip().lower()
    if text == NO_LIMIT:
        return None
    found = re.fullmatch(_VALUE, text)
    if found is None:
        raise ValueError(text)
    number, unit = int(found[1]), found[2]
    if LIMIT_WORDS[limit] == "bookings":
        value = number if unit in ("booking", "bookings") else -1
    else:
        value = number * _UNITS.get(_LONG.get(unit, unit), -1)
    if not 0 <= value <= LARGEST or (value == 0 and number):
        raise ValueError(text)
    return value
