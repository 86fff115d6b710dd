"""What a phone shows that scanned the sticker: an instrument's page, and how it is now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject
from psycopg.types.range import Int4Range, TimestamptzRange

from accounts.models import User
from booking.models import Resource, ResourceCalendar
from booking.queries._calendar_sql import SEEN
from booking.queries.calendars import (
    CalendarEntry,
    entries_of,
    known_open_periods,
    seen_values,
    with_hours,
)
from booking.queries.check_ins import (
    LastUse,
    OwnTime,
    has_left,
    last_use,
    missed_bookings,
    own_times,
    own_told,
)
from booking.queries.check_ins import over_since as over_since_of
from booking.queries.faults import fault_told, with_fault_facts
from booking.queries.free_slots import next_statement
from booking.queries.questions import has_questions
from booking.queries.resources import Presence, ResourcePage, instrument_page, presence_of
from booking.rules.request import FaultFacts
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentNow:
    """An instrument as it is now, in one query.

    `over_since` is when somebody's time was over who has not left.
    """

    page: ResourcePage
    presence: Presence
    fault: FaultFacts | None
    opened: tuple[Period, ...]
    over_since: datetime | None
    # The viewer's times here that run or come, by start.
    own: tuple[OwnTime, ...]
    # Whether there is anything to read of how it was left, and of what is asked.
    has_left: bool
    has_questions: bool

    @property
    def resource(self) -> Resource:
        """The instrument itself."""
        return self.page.resource

    def last(self, now: datetime) -> LastUse:
        """How the last one left it, read only where somebody said so."""
        if self.has_left:
            return last_use(resource=self.resource, now=now)
        return LastUse(over_since=self.over_since)


def instrument_now(*, viewer: User, code: str, rest: Period, now: datetime) -> InstrumentNow | None:
    """The instrument of a sticker until the end of `rest`; None where the viewer finds none."""
    rows = with_fault_facts(with_hours(Resource.objects.all(), rest), now=now)
    rows = rows.annotate(
        over_since=over_since_of(now),
        own_told=own_told(viewer, now),
        has_left=has_left(now),
        has_questions=has_questions(),
        claims_now=_claims_now(now),
    )
    page = instrument_page(rows, viewer=viewer, code=code, now=now)
    if page is None:
        return None
    resource, known = page.resource, vars(page.resource)
    opened = known_open_periods(resources=[resource], window=rest)[resource.pk]
    claims = [_claim(row) for row in known["claims_now"]]
    presence, fault = presence_of(resource, claims, opened, now), fault_told(resource)
    # What is broken is not merely outside its hours.
    if fault and fault.is_blocking(now) and presence.kind in ("free", "shut"):
        presence = Presence(kind="fault", until=fault.back_at, reason=fault.title)
    return InstrumentNow(
        page=page,
        presence=presence,
        fault=fault,
        opened=tuple(opened),
        over_since=known["over_since"],
        own=tuple(own_times(known["own_told"])),
        has_left=known["has_left"],
        has_questions=known["has_questions"],
    )


def rest_and_next(
    *, viewer: User, resource: Resource, rest: Period, minimum: timedelta, now: datetime
) -> tuple[list[CalendarEntry], datetime | None]:
    """What happens on it until the end of `rest`, and when the viewer can have it, in one query.

    The same as `calendar_entries` and `next_free` say of it.
    """
    free, asked = next_statement(
        user=viewer, now=now, resource_id=resource.public_id, minimum=minimum
    )
    values = {f"free_{name}": value for name, value in asked.items()}
    values |= seen_values(viewer, [resource.pk], rest, now)
    with connection.cursor() as cursor:
        cursor.execute(_BOTH.format(seen=SEEN, free=free.replace("%(", "%(free_")), values)
        entries, starts = cursor.fetchone()
    rows = [list(row.values()) for row in orjson.loads(entries or "[]")]
    return entries_of(rows), starts.astimezone(resource.zone) if starts else None


# As text, whose fields stay in their order.
_BOTH = """
SELECT (SELECT json_agg(told)::text FROM ({seen}) told),
    (SELECT told.start_time FROM ({free}) told)
"""


def _claims_now(now: datetime) -> ArraySubquery:
    """What has each resource's time at this moment, as `presences` reads it."""
    held = ResourceCalendar.objects.filter(
        Q(hold_expires_at=None) | Q(hold_expires_at__gt=now),
        resource=OuterRef("pk"),
        during__contains=now,
    ).exclude(booking__in=missed_bookings(now).filter(end_time__gt=now).values("pk"))
    told = JSONObject(
        kind="kind",
        seats=F("units__endswith") - F("units__startswith"),
        until="during__endswith",
        title="maintenance__title",
        reason="closure__reason",
    )
    return ArraySubquery(held.order_by("pk").values(json=told))


def _claim(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "units": Int4Range(0, row["seats"]),
        "during": TimestamptzRange(None, datetime.fromisoformat(row["until"])),
        "maintenance__title": row["title"],
        "closure__reason": row["reason"],
    }
