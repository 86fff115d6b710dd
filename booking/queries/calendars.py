"""Reading calendars: what happens on which resource, and when it is open."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from accounts.models import User
from booking.models import Holiday, OpeningHours, Resource
from booking.queries._calendar_sql import SEEN
from booking.queries._open_hours import Hours, periods_of
from booking.queries.places import seen_places
from labitory.lib.periods import Period


class CalendarEntry(NamedTuple):
    """One thing on a calendar, told as far as the viewer may know."""

    kind: str
    id: str
    resource_id: UUID
    start_time: datetime
    end_time: datetime
    # With set-up and clean-up.
    claim_start: datetime
    claim_end: datetime
    status: str
    title: str
    is_mine: bool
    # Whether the viewer may open the booking's page.
    is_visible: bool
    resource_key: int


def calendar_entries(
    *, viewer: User, resource_ids: Sequence[int], window: Period, now: datetime
) -> list[CalendarEntry]:
    """Everything on these resources (by key) that touches the window, in one query, by start."""
    if not resource_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(SEEN, seen_values(viewer, resource_ids, window, now))
        return entries_of(cursor.fetchall())


def seen_values(
    viewer: User, resource_ids: Sequence[int], window: Period, now: datetime
) -> dict[str, Any]:
    """What the statement of `calendar_entries` is asked with."""
    seen = seen_places(viewer)
    return {
        "resources": list(resource_ids),
        "from": window.start,
        "until": window.end,
        "now": now,
        "viewer": viewer.pk,
        "sees_all": seen.everywhere,
        "seen_resources": list(seen.resource_ids),
        "seen_types": list(seen.type_ids),
        "seen_units": list(seen.unit_ids),
    }


def entries_of(rows: Sequence[Sequence[Any]]) -> list[CalendarEntry]:
    """The rows of the statement, as its viewer is told of them."""
    somebody, held = _("Booked"), _("Held")
    moments, keys = _Moments(), _Keys()
    return [
        CalendarEntry(
            kind,
            public_id,
            keys[resource_id],
            moments[start],
            moments[end],
            moments[claim_start],
            moments[claim_end],
            status,
            _title(kind, purpose, name if in_full or show_name else "", in_full, somebody, held),
            is_mine,
            in_full,
            key,
        )
        for (
            kind,
            public_id,
            resource_id,
            start,
            end,
            claim_start,
            claim_end,
            status,
            purpose,
            is_mine,
            in_full,
            show_name,
            name,
            key,
        ) in rows
    ]


class _Moments(dict[float, datetime]):
    """Seconds since 1970 as moments: each is made once, for things begin and end together."""

    def __missing__(self, seconds: float) -> datetime:
        found = self[seconds] = datetime.fromtimestamp(seconds, UTC)
        return found


class _Keys(dict[str, UUID]):
    """The public keys of resources, each made once."""

    def __missing__(self, text: str) -> UUID:
        found = self[text] = UUID(text)
        return found


def open_periods(*, resources: Sequence[Resource], window: Period) -> dict[int, list[Period]]:
    """The open periods of each resource (by key) in the window; always open is all of it."""
    hours: dict[int | None, list[Hours]] = {}
    rows = OpeningHours.objects.filter(Q(resource=None) | Q(resource__in=resources))
    for row in rows:
        hours.setdefault(row.resource_id, []).append(
            Hours(row.weekday, row.opens_at, row.closes_at)
        )
    holidays = set(_holidays(window).values_list("day", flat=True))
    return {
        each.pk: _open(each, hours.get(each.pk) or hours.get(None, []), holidays, window)
        for each in resources
    }


def with_hours(resources: "QuerySet[Any]", window: Period) -> "QuerySet[Any]":
    """The same resources, each with its hours and the holidays for `known_open_periods`."""
    told = JSONObject(day="weekday", opens="opens_at", closes="closes_at")
    hours = OpeningHours.objects.order_by("weekday", "opens_at")
    annotated: QuerySet[Any] = resources.annotate(
        own_hours=ArraySubquery(hours.filter(resource=OuterRef("pk")).values(json=told)),
        lab_hours=ArraySubquery(hours.filter(resource=None).values(json=told)),
        lab_holidays=ArraySubquery(_holidays(window).values("day")),
    )
    return annotated


def known_open_periods(*, resources: Sequence[Resource], window: Period) -> dict[int, list[Period]]:
    """The same as `open_periods` without a query, of resources that came `with_hours`."""
    found = {}
    for resource in resources:
        known = vars(resource)
        rows = known["own_hours"] or known["lab_hours"]
        hours = [
            Hours(row["day"], time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"]))
            for row in rows
        ]
        found[resource.pk] = _open(resource, hours, set(known["lab_holidays"]), window)
    return found


def _holidays(window: Period) -> "QuerySet[Holiday]":
    day = timedelta(days=1)
    around = ((window.start - day).date(), (window.end + day).date())
    return Holiday.objects.filter(day__range=around)


def _open(
    resource: Resource, hours: Sequence[Hours], holidays: Collection[date], window: Period
) -> list[Period]:
    periods = periods_of(
        hours,
        holidays=() if resource.open_on_holidays else holidays,
        zone=resource.zone,
        window=window,
    )
    whole = [window] if periods is None else periods
    return [part for each in whole if (part := each.clip(window))]


def _title(
    kind: str,
    purpose: str,
    name: str,
    in_full: bool,  # noqa: FBT001
    somebody: str,
    held: str,
) -> str:
    if kind in ("maintenance", "closure"):
        return purpose
    if kind == "hold":
        return f"{held}: {name}" if name else held
    who = name or somebody
    return f"{who} – {purpose}" if in_full and purpose else who
