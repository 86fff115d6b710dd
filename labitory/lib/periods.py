"""Half-open periods of time, and the lab-local days and weeks they touch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The time from `start` up to, and not including, `end`; both carry a zone."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts in real (not wall clock) time."""
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    @property
    def minutes(self) -> int:
        """Its length in whole minutes, rounded down."""
        return int(self.length.total_seconds() // 60)

    def overlaps(self, other: "Period") -> bool:
        """Whether the two share any time; touching ends share none."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Period") -> bool:
        """Whether the other lies wholly within this one."""
        return self.start <= other.start and other.end <= self.end

    def clip(self, other: "Period") -> "Period | None":
        """The time shared with the other, or None."""
        if not self.overlaps(other):
            return None
        return Period(max(self.start, other.start), min(self.end, other.end))

    def widen(self, before: timedelta, after: timedelta) -> "Period":
        """The period with time added before its start and after its end."""
        return Period(self.start - before, self.end + after)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a lab-local day, in UTC (also where midnight falls into a DST gap)."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> Period:
    """The lab-local day that holds the moment: 23, 24 or 25 hours."""
    day = moment.astimezone(zone).date()
    return Period(local_midnight(day, zone), local_midnight(day + timedelta(days=1), zone))


def local_week(moment: datetime, zone: ZoneInfo) -> Period:
    """The lab-local ISO week, Monday to Monday, that holds the moment."""
    day = moment.astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    return Period(local_midnight(monday, zone), local_midnight(monday + timedelta(days=7), zone))


def local_days(period: Period, zone: ZoneInfo) -> Iterator[Period]:
    """Each lab-local day that the period touches, in order."""
    moment = period.start
    while moment < period.end:
        day = local_day(moment, zone)
        yield day
        moment = day.end


def local_weeks(period: Period, zone: ZoneInfo) -> Iterator[Period]:
    """Each lab-local week that the period touches, in order."""
    moment = period.start
    while moment < period.end:
        week = local_week(moment, zone)
        yield week
        moment = week.end


def merge(periods: list[Period]) -> list[Period]:
    """The same time as few, sorted, non-touching periods."""
    merged: list[Period] = []
    for period in sorted(periods):
        if merged and period.start <= merged[-1].end:
            merged[-1] = Period(merged[-1].start, max(merged[-1].end, period.end))
        else:
            merged.append(period)
    return merged
