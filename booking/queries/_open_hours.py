"""From weekly hours to periods of real time."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from labitory.lib.periods import Period, local_midnight, merge


class Hours(NamedTuple):
    """One weekly lab-local interval; closing at or before its opening means the next day."""

    weekday: int
    opens_at: time
    closes_at: time


def periods_of(
    hours: Sequence[Hours], *, holidays: Collection[date], zone: ZoneInfo, window: Period
) -> tuple[Period, ...] | None:
    """The open periods that touch the window, merged; None where no hours are kept: always open.

    A holiday is closed from midnight to midnight, also to a night that runs into it.
    """
    if not hours and not holidays:
        return None
    last = window.end.astimezone(zone).date()
    day = window.start.astimezone(zone).date() - timedelta(days=1)
    found: list[Period] = []
    while day <= last:
        found.extend(_on_day(hours, day, zone))
        day += timedelta(days=1)
    closed = [
        Period(local_midnight(each, zone), local_midnight(each + timedelta(days=1), zone))
        for each in sorted(holidays)
    ]
    return tuple(period for period in subtract(merge(found), closed) if period.overlaps(window))


def subtract(periods: Sequence[Period], gaps: Sequence[Period]) -> list[Period]:
    """What is left of sorted periods without the sorted gaps."""
    left = list(periods)
    for gap in gaps:
        remaining: list[Period] = []
        for period in left:
            if not period.overlaps(gap):
                remaining.append(period)
                continue
            if period.start < gap.start:
                remaining.append(Period(period.start, gap.start))
            if gap.end < period.end:
                remaining.append(Period(gap.end, period.end))
        left = remaining
    return left


def _on_day(hours: Sequence[Hours], day: date, zone: ZoneInfo) -> list[Period]:
    if not hours:
        return [Period(local_midnight(day, zone), local_midnight(day + timedelta(days=1), zone))]
    found = []
    for each in hours:
        if each.weekday == day.weekday():
            until = day if each.closes_at > each.opens_at else day + timedelta(days=1)
            start = datetime.combine(day, each.opens_at, zone).astimezone(UTC)
            end = datetime.combine(until, each.closes_at, zone).astimezone(UTC)
            if start < end:
                found.append(Period(start, end))
    return found
