"""Reading the waiting list: who fits freed time, one's own entries and place, who waits where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from booking.enums import OfferState, WaitingKind, WaitingState
from booking.models import Booking, Offer, Resource, WaitingEntry
from booking.queries._missed_sql import missed_sql
from booking.queries._waiting_sql import AHEAD, FITTING
from labitory.lib.periods import Period

# Who is offered time has at least so long to answer.
SHORTEST_ANSWER = timedelta(minutes=5)
OPEN_STATES = (WaitingState.WAITING, WaitingState.OFFERED)
_MISSED = missed_sql("missed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """Time on a resource that somebody gave back."""

    resource_id: UUID
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A piece of freed time that suits somebody who waits.

    `notice` is how long before its start they must have booked it at the latest.
    """

    entry_id: int
    resource_id: UUID
    period: Period
    notice: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEntry:
    """One's own place on the waiting list, and the offer that is open for it."""

    entry: WaitingEntry
    # How many come before, for some of the same time on some of the same resources.
    ahead: int
    offer: Offer | None


def fitting_entries(
    *,
    freed: Sequence[Freed],
    kinds: Sequence[WaitingKind],
    now: datetime,
    without: Sequence[int] = (),
    limit: int = 500,
) -> list[Fit]:
    """Everybody who waits and could use some of the freed time, in the fair order, in one query.

    Each with the earliest piece of their length that touches the freed time, is free now, and fits
    the grid, the opening hours and the hours they gave. Who let fewer offers lapse comes first,
    then who asked first. What only the rules know is left to them.
    """
    if not freed:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            FITTING.format(missed=_MISSED),
            {
                "resources": [each.resource_id for each in freed],
                "starts": [each.period.start for each in freed],
                "ends": [each.period.end for each in freed],
                "kinds": [str(kind) for kind in kinds],
                "without": list(without),
                "now": now,
                "zone": settings.LAB_TIME_ZONE,
                "answer": int(SHORTEST_ANSWER.total_seconds() // 60),
                "limit": limit,
            },
        )
        return [_fit(row) for row in cursor.fetchall()]


def _fit(row: tuple[Any, ...]) -> Fit:
    entry_id, resource_id, start, end, notice = row
    return Fit(
        entry_id=entry_id,
        resource_id=resource_id,
        period=Period(start, end),
        notice=timedelta(minutes=notice),
    )


def freed_by(kind: str, payload: Mapping[str, Any]) -> list[Freed]:
    """The time that an event tells of as free: what it names, or all of its bookings' time."""
    if "freed" in payload:
        return [
            Freed(
                resource_id=UUID(each["resource"]),
                period=Period(
                    datetime.fromisoformat(each["start_time"]),
                    datetime.fromisoformat(each["end_time"]),
                ),
            )
            for each in payload["freed"]
        ]
    if kind not in ("booking.cancelled", "booking.rejected"):
        return []
    rows = Booking.objects.filter(public_id__in=payload["bookings"]).values_list(
        "resource__public_id", "start_time", "end_time"
    )
    return [Freed(resource_id=key, period=Period(start, end)) for key, start, end in rows]


def own_entries(*, viewer: User, now: datetime) -> list[OwnEntry]:
    """What the viewer waits for, soonest window first, with their place and any open offer."""
    found = list(
        _with_offers(open_entries(now).filter(user=viewer), now).order_by("earliest", "id")
    )
    ahead = _ahead(found, now)
    return [_own(entry, ahead) for entry in found]


def find_entry(*, viewer: User, public_id: UUID, now: datetime) -> OwnEntry | None:
    """One of the viewer's own entries, open or not."""
    entries = WaitingEntry.objects.filter(user=viewer, public_id=public_id)
    entry = _with_offers(entries, now).first()
    return _own(entry, _ahead([entry], now)) if entry else None


def _own(entry: WaitingEntry, ahead: Mapping[int, int]) -> OwnEntry:
    offers = list(entry.offers.all())
    return OwnEntry(entry=entry, ahead=ahead.get(entry.pk, 0), offer=offers[0] if offers else None)


def open_entries(now: datetime) -> "QuerySet[WaitingEntry]":
    """Entries that still wait or are offered something, of which the window has not passed."""
    return WaitingEntry.objects.filter(state__in=OPEN_STATES, latest__gt=now)


def _with_offers(entries: "QuerySet[WaitingEntry]", now: datetime) -> "QuerySet[WaitingEntry]":
    live = Offer.objects.filter(state=OfferState.OPEN, expires_at__gt=now)
    return entries.select_related("resource", "resource_type", "pool", "project").prefetch_related(
        Prefetch("offers", queryset=live.select_related("resource"))
    )


def _ahead(entries: Sequence[WaitingEntry], now: datetime) -> dict[int, int]:
    if not entries:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            AHEAD,
            {
                "entries": [entry.pk for entry in entries],
                "now": now,
                "zone": settings.LAB_TIME_ZONE,
            },
        )
        return dict(cursor.fetchall())


def waiting_for(*, resource: Resource, now: datetime) -> "QuerySet[WaitingEntry]":
    """Everybody who would take time of the resource, in the order in which they are asked."""
    scope = (
        Q(resource=resource)
        | Q(resource_type=resource.resource_type_id)
        | Q(pool__in=resource.pools.all())
    )
    return (
        open_entries(now)
        .filter(scope)
        .select_related("user", "resource", "resource_type", "pool")
        .order_by("missed_offers", "created_at", "id")
    )


def own_offers(*, viewer: User, now: datetime) -> "QuerySet[Offer]":
    """The viewer's offers that can still be accepted, the most urgent first."""
    return _offers(viewer).filter(state=OfferState.OPEN, expires_at__gt=now).order_by("expires_at")


def find_offer(*, viewer: User, public_id: UUID) -> Offer | None:
    """One of the viewer's own offers, whatever came of it."""
    return _offers(viewer).filter(public_id=public_id).first()


def _offers(viewer: User) -> "QuerySet[Offer]":
    return Offer.objects.filter(user=viewer).select_related(
        "resource", "entry", "displaced__resource", "booking", "hold", "maintenance"
    )
