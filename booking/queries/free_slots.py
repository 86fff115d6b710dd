"""Finding time: what is free, when, for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from accounts.models import User
from booking.queries._free_sql import BOUND, FREE, PLACE
from booking.queries._missed_sql import missed_sql
from labitory.lib.periods import Period

EVERY_DAY = frozenset(range(7))
# How far ahead the next free stretch is looked for.
NEXT_WITHIN = timedelta(days=14)
_MIDNIGHT = time(0)
_MISSED, _OWN_MISSED = missed_sql("missed"), missed_sql("b")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSlot:
    """A free stretch on one resource, as long as one booking there may be."""

    resource_id: UUID
    resource_name: str
    resource_code: str
    type_name: str
    start_time: datetime
    end_time: datetime


def free_slots(
    *,
    user: User,
    now: datetime,
    window: Period,
    minimum: timedelta,
    resource_ids: Sequence[UUID] | None = None,
    type_id: UUID | None = None,
    pool_id: UUID | None = None,
    except_ids: Sequence[UUID] = (),
    weekdays: frozenset[int] | None = None,
    hours: tuple[time, time] | None = None,
    limit: int = 50,
    per_resource: int = 50,
) -> list[FreeSlot]:
    """Free stretches of at least `minimum`, soonest first, in one statement.

    They lie within opening hours, between claims with room for the buffers, off the user's own
    bookings, and within the user's access, notice, horizon and length limits. `weekdays` (Monday
    is 0) and `hours` (lab-local, from and until; crossing midnight allowed) narrow the search.
    Quotas are left to the rules, which name what is left of them.
    """
    if max(window.start, now) >= window.end:
        return []
    conditions, ids = _scope(resource_ids, type_id, pool_id, except_ids)
    asked = _values(user, now, window, minimum, weekdays, hours)
    asked |= {**ids, "limit": limit, "per_resource": per_resource}
    with connection.cursor() as cursor:
        cursor.execute(_statement(conditions, limit, per_resource), asked)
        return [_slot(row) for row in cursor.fetchall()]


def _values(
    user: User,
    now: datetime,
    window: Period,
    minimum: timedelta,
    weekdays: frozenset[int] | None = None,
    hours: tuple[time, time] | None = None,
) -> dict[str, Any]:
    hour_from, hour_until = hours or (_MIDNIGHT, _MIDNIGHT)
    return {
        **_around(max(window.start, now), window.end),
        "user": user.pk,
        "role": user.role,
        "now": now,
        "zone": settings.LAB_TIME_ZONE,
        "weekdays": sorted(EVERY_DAY if weekdays is None else weekdays),
        "hour_from": hour_from,
        "hour_until": hour_until,
        "minimum": int(minimum.total_seconds() // 60),
    }


def _statement(conditions: str, limit: int, per_resource: int) -> str:
    # When a resource may fill the whole answer there is nothing to count.
    place, bound = (PLACE, "true") if per_resource < limit else ("0", BOUND)
    return FREE.format(
        where=conditions, place=place, bound=bound, missed=_MISSED, own_missed=_OWN_MISSED
    )


def next_statement(
    *, user: User, now: datetime, resource_id: UUID, minimum: timedelta
) -> tuple[str, dict[str, Any]]:
    """The statement of `next_free` for one resource, for who asks for more with it."""
    conditions, ids = _scope([resource_id], None, None, ())
    asked = _values(user, now, Period(now, now + NEXT_WITHIN), minimum)
    return _statement(conditions, 1, 1), {**asked, **ids, "limit": 1, "per_resource": 1}


def _around(start: datetime, end: datetime) -> dict[str, Any]:
    """The window, and the days on which an overnight opening could reach into it."""
    margin = timedelta(days=2)
    return {
        "from": start,
        "until": end,
        "first_day": (start - margin).date(),
        "last_day": (end + margin).date(),
    }


def _slot(row: tuple[Any, ...]) -> FreeSlot:
    public_id, name, code, type_name, zone, start, end = row
    return FreeSlot(
        resource_id=public_id,
        resource_name=name,
        resource_code=code,
        type_name=type_name,
        start_time=start.astimezone(ZoneInfo(zone)),
        end_time=end.astimezone(ZoneInfo(zone)),
    )


def next_free(
    *, user: User, now: datetime, resource_ids: Sequence[UUID], minimum: timedelta
) -> dict[UUID, FreeSlot]:
    """The next free stretch of each resource within two weeks; what has none is left out."""
    found = free_slots(
        user=user,
        now=now,
        window=Period(now, now + NEXT_WITHIN),
        minimum=minimum,
        resource_ids=resource_ids,
        limit=len(resource_ids),
        per_resource=1,
    )
    return {slot.resource_id: slot for slot in found}


def _scope(
    resource_ids: Sequence[UUID] | None,
    type_id: UUID | None,
    pool_id: UUID | None,
    except_ids: Sequence[UUID],
) -> tuple[str, dict[str, Any]]:
    conditions, ids = ["true"], {}
    if resource_ids is not None:
        conditions.append("res.public_id = ANY(%(resource_ids)s)")
        ids["resource_ids"] = list(resource_ids)
    if except_ids:
        conditions.append("res.public_id <> ALL(%(except_ids)s)")
        ids["except_ids"] = list(except_ids)
    if type_id is not None:
        conditions.append("t.public_id = %(type_id)s")
        ids["type_id"] = type_id  # type: ignore[assignment]
    if pool_id is not None:
        conditions.append(
            "res.id IN (SELECT m.resource_id FROM booking_resourcepool_resources m "
            "JOIN booking_resourcepool p ON p.id = m.resourcepool_id "
            "WHERE p.public_id = %(pool_id)s)"
        )
        ids["pool_id"] = pool_id  # type: ignore[assignment]
    return " AND ".join(conditions), ids
