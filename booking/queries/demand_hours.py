"""What was wanted by weekday and hour: how much of it was not to be, and why."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from booking.enums import LIVE, DemandSource
from booking.models import Booking
from booking.queries.demand import DemandFilters, demand_entries, say_reason
from booking.queries.places import in_places
from labitory.lib.http import lab_zone

_MINUTES = 60
_DAYS = 7
# From nothing to as much as anywhere: how full a sign is tells the same as the number.
SIGNS = "○◔◑◕●"

# Each hour that a row touches, with the minutes of it; rows of absurd length are left out.
_HOURS = """
SELECT EXTRACT(isodow FROM l.at)::int, EXTRACT(hour FROM l.at)::int, w.code,
    sum(EXTRACT(epoch FROM least(w.end_time, s.slot + interval '1 hour')
        - greatest(w.start_time, s.slot)))::bigint / 60
FROM ({rows}) w(start_time, end_time, code)
CROSS JOIN LATERAL generate_series(date_trunc('hour', w.start_time),
    w.end_time - interval '1 microsecond', interval '1 hour') s(slot)
CROSS JOIN LATERAL (SELECT s.slot AT TIME ZONE %s AS at) l
WHERE w.end_time - w.start_time BETWEEN interval '0' AND interval '14 days'
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of one weekday: hours that were refused, of those that were wanted."""

    refused: float
    wanted: float
    # From 0 to 4, as the sign.
    level: int
    sign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRow:
    """One hour of the day, Monday first, and why most of it was refused."""

    hour: int
    cells: tuple[Cell, ...]
    reason: str


def demand_by_hour(filters: DemandFilters, *, now: datetime) -> tuple[HourRow, ...]:
    """The hours of the day in which anything was refused, in the lab's zone; two statements.

    Wanted is what was refused and what was booked. Searches are for any time of a span, and
    stand in no hour. Of bookings neither source nor reason is asked.
    """
    wishes = demand_entries(filters).order_by().exclude(source=DemandSource.SEARCH)
    refused: dict[tuple[int, int], int] = defaultdict(int)
    reasons: dict[int, Counter[str]] = defaultdict(Counter)
    for day, hour, code, minutes in _hours(wishes, "codes__0"):
        refused[hour, day] += minutes
        reasons[hour][code or ""] += minutes
    if not refused:
        return ()
    booked = {(hour, day): minutes for day, hour, _code, minutes in _hours(_made(filters, now))}
    most = max(refused.values())
    return tuple(
        HourRow(
            hour=hour,
            cells=tuple(
                _cell(refused.get((hour, day), 0), booked.get((hour, day), 0), most)
                for day in range(1, _DAYS + 1)
            ),
            reason=say_reason(reasons[hour].most_common(1)[0][0]),
        )
        for hour in sorted(reasons)
    )


def _made(filters: DemandFilters, now: datetime) -> "QuerySet[Booking]":
    """The bookings of the same days that the viewer looks after."""
    found = Booking.objects.filter(
        in_places(filters.viewer, "demand.view"),
        start_time__gte=filters.since,
        start_time__lt=now,
        status__in=LIVE,
    )
    if filters.type_id:
        found = found.filter(resource__resource_type__public_id=filters.type_id)
    if filters.resource_id:
        found = found.filter(resource__public_id=filters.resource_id)
    return found.order_by()


def _hours(rows: "QuerySet[Any]", code: str = "") -> Sequence[tuple[int, int, str, int]]:
    names = ("start_time", "end_time", code or "status")
    sql, params = rows.values_list(*names).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_HOURS.format(rows=sql), [*params, lab_zone().key])
        found: list[tuple[int, int, str, int]] = cursor.fetchall()
    if code:
        return found
    total: Counter[tuple[int, int]] = Counter()
    for day, hour, _status, minutes in found:
        total[day, hour] += minutes
    return [(day, hour, "", minutes) for (day, hour), minutes in total.items()]


def _cell(refused: int, booked: int, most: int) -> Cell:
    level = -(-refused * (len(SIGNS) - 1) // most)
    return Cell(
        refused=refused / _MINUTES,
        wanted=(refused + booked) / _MINUTES,
        level=level,
        sign=SIGNS[level],
    )
