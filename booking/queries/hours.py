"""The weekly hours of a resource or of the lab, as they are written down."""

from collections.abc import Iterable
from dataclasses import dataclass

from booking.models import OpeningHours, Resource
from booking.models.calendars import WEEKDAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHours:
    """A weekday with its intervals, the earliest first; none: closed."""

    weekday: int
    name: str
    intervals: tuple[OpeningHours, ...]


def written_hours(resource: Resource | None) -> list[OpeningHours]:
    """The intervals of the resource itself, or without one those of the lab."""
    return list(OpeningHours.objects.filter(resource=resource))


def week_of(hours: Iterable[OpeningHours]) -> tuple[DayHours, ...]:
    """Intervals by weekday, Monday first; empty when there are none at all: always open."""
    rows = list(hours)
    if not rows:
        return ()
    return tuple(
        DayHours(
            weekday=day,
            name=str(name),
            intervals=tuple(row for row in rows if row.weekday == day),
        )
        for day, name in WEEKDAYS
    )
