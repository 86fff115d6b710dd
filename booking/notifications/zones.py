"""How the clocks of a zone go, as calendar programs want to read it."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@lru_cache(maxsize=64)
def zone_component(name: str, first_year: int, last_year: int) -> Timezone:
    """The zone over these years.

    Changes that come by a yearly rule are told as one: Outlook knows no lists of dates there. A
    change stands at the time that the clocks show before it, as RFC 5545 wants it.
    """
    zone, component = ZoneInfo(name), Timezone()
    component.add("tzid", name)
    begins = datetime(first_year, 1, 1, tzinfo=UTC)
    before = begins.astimezone(zone).utcoffset() or timedelta()
    component.add_component(_part(zone, begins, before, [begins.replace(tzinfo=None)]))
    found: dict[tuple[timedelta, timedelta | None, str | None], list[datetime]] = {}
    firsts: dict[tuple[timedelta, timedelta | None, str | None], datetime] = {}
    for change in _changes(zone, begins, datetime(last_year + 1, 1, 1, tzinfo=UTC)):
        after = change.astimezone(zone)
        was = (change - _MINUTE).astimezone(zone).utcoffset() or timedelta()
        key = (was, after.utcoffset(), after.tzname())
        firsts.setdefault(key, change)
        found.setdefault(key, []).append((change + was).replace(tzinfo=None))
    for key, starts in found.items():
        component.add_component(_part(zone, firsts[key], key[0], starts))
    return component


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The moments of UTC at which the clocks change, to the minute."""
    day = first
    while day < last:
        low, high = day, day + _DAY
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > _MINUTE:
                middle = low + (high - low) // (2 * _MINUTE) * _MINUTE
                if middle.astimezone(zone).utcoffset() == day.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            yield high
        day += _DAY


def _part(
    zone: ZoneInfo, change: datetime, was: timedelta, starts: Sequence[datetime]
) -> TimezoneDaylight | TimezoneStandard:
    after = change.astimezone(zone)
    part = TimezoneDaylight() if after.dst() else TimezoneStandard()
    part.add("dtstart", starts[0])
    rule = _rule_of(starts)
    if rule is not None:
        part.add("rrule", rule)
    elif len(starts) > 1:
        part.add("rdate", list(starts[1:]))
    part.add("tzoffsetfrom", was)
    part.add("tzoffsetto", after.utcoffset())
    part.add("tzname", after.tzname())
    return part


def _rule_of(starts: Sequence[datetime]) -> vRecur | None:
    """The yearly rule of which these are all; None where they follow none."""
    years = [start.year for start in starts]
    if len(years) == 1 or years != list(range(years[0], years[0] + len(years))):
        return None
    if len({(start.month, start.weekday(), start.time()) for start in starts}) > 1:
        return None
    day = _DAYS[starts[0].weekday()]
    for place in (-1, 1, 2, 3, 4):
        if all(_is_place(start, place) for start in starts):
            return vRecur({"FREQ": "YEARLY", "BYMONTH": starts[0].month, "BYDAY": f"{place}{day}"})
    return None


def _is_place(start: datetime, place: int) -> bool:
    """Whether it is on the first, second or last such weekday of its month."""
    if place < 0:
        return start.day + 7 > monthrange(start.year, start.month)[1]
    return (start.day - 1) // 7 + 1 == place
