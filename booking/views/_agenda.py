"""A resource's days as a list: the same as the timeline, for phones, paper and screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from booking.models import Resource
from booking.queries.calendars import CalendarEntry
from booking.views._timeline import free_runs
from labitory.lib.periods import Period, local_days


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaLine:
    """From when to when something is booked, or free (`entry` is None)."""

    period: Period
    entry: CalendarEntry | None
    # Whether both ends lie on the day it stands under, so that times say enough.
    is_within_day: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaDay:
    """One day's lines; a day that is closed altogether has none."""

    day: date
    lines: tuple[AgendaLine, ...]
    is_open: bool


def agenda(
    *,
    resource: Resource,
    entries: Sequence[CalendarEntry],
    open_periods: Sequence[Period],
    window: Period,
    zone: ZoneInfo,
    now: datetime,
) -> list[AgendaDay]:
    """The days of the window with what is booked and what is free, in order."""
    free = free_runs(resource=resource, entries=entries, open_periods=open_periods, now=now)
    days = []
    for day in local_days(window, zone):
        found: list[tuple[Period, CalendarEntry | None]] = [
            (Period(entry.start_time, entry.end_time), entry)
            for entry in entries
            if entry.start_time < day.end and entry.end_time > day.start
        ]
        found += [(part, None) for run in free if (part := run.clip(day))]
        lines = [
            AgendaLine(period=period, entry=entry, is_within_day=day.contains(period))
            for period, entry in found
        ]
        days.append(
            AgendaDay(
                day=day.start.astimezone(zone).date(),
                lines=tuple(sorted(lines, key=lambda line: line.period)),
                is_open=(resource.is_active or day.end <= now)
                and any(period.overlaps(day) for period in open_periods),
            )
        )
    return days
