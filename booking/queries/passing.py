"""What everybody who passes by an instrument may know: what it is doing, and when it is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from psycopg.types.range import TimestamptzRange

from booking.models import Resource, ResourceCalendar
from booking.queries.calendars import known_open_periods
from booking.queries.check_ins import missed_bookings
from booking.queries.resources import CLAIM, Presence, presence_of
from labitory.lib.periods import Period, local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One resource as it is now; `later` is when it is taken later today, without buffers."""

    presence: Presence
    free_until: datetime | None
    later: tuple[Period, ...]


def rest_of_day(now: datetime, zone: ZoneInfo) -> Period:
    """From now to midnight there."""
    return Period(now, local_day(now, zone).end)


def passing(*, resources: Sequence[Resource], rest: Period) -> dict[int, Passing]:
    """How each resource (by key) is until midnight, in one query; they came with their hours."""
    now, claims = rest.start, _claims(resources, rest)
    opened = known_open_periods(resources=resources, window=rest)
    return {
        each.pk: _passing(each, claims.get(each.pk, ()), opened[each.pk], now, rest)
        for each in resources
    }


def _passing(
    resource: Resource,
    claims: Sequence[Mapping[str, Any]],
    opened: Sequence[Period],
    now: datetime,
    rest: Period,
) -> Passing:
    begun = [each for each in claims if each["during"].lower <= now]
    later = tuple(
        dict.fromkeys(
            Period(
                each["booking__start_time"] or each["during"].lower,
                each["booking__end_time"] or each["during"].upper,
            )
            for each in claims
            if each["during"].lower > now
        )
    )
    ends = [period.end for period in opened if period.start <= now]
    ends += [period.start for period in later]
    return Passing(
        presence=presence_of(resource, begun, opened, now),
        free_until=min((end for end in ends if now < end < rest.end), default=None),
        later=later,
    )


def _claims(resources: Sequence[Resource], rest: Period) -> dict[int, list[Mapping[str, Any]]]:
    """All that claims time of these until midnight, by start."""
    now = rest.start
    rows = (
        ResourceCalendar.objects.filter(
            Q(hold_expires_at=None) | Q(hold_expires_at__gt=now),
            resource__in=resources,
            during__overlap=TimestamptzRange(now, rest.end),
        )
        .exclude(booking__in=missed_bookings(now).filter(end_time__gt=now).values("pk"))
        .order_by("during", "pk")
        .values(*CLAIM, "booking__start_time", "booking__end_time")
    )
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["resource_id"], []).append(row)
    return found
