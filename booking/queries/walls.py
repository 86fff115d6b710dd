"""Displays on walls: what passes by may see of many instruments, and nobody's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core import signing
from django.db.models import QuerySet

from accounts.models import User
from accounts.models.units import Unit
from booking.models import Resource, ResourceCalendar, ResourcePool, ResourceType
from booking.queries.calendars import open_periods
from booking.queries.check_ins import missed_bookings
from booking.queries.faults import with_outage
from booking.queries.places import in_places_or
from booking.queries.resources import Presence, presences
from labitory.lib.periods import Period, local_day

_SALT = "booking.wall"
# What one socket may hear of; a corridor has fewer.
MOST_SHOWN = 60
# What a screen shows at once.
ON_SCREEN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What a display shows: the whole lab, or the instruments of a pool, type, unit or place."""

    kind: str
    key: str = ""
    title: str = ""

    @property
    def token(self) -> str:
        """What its address ends in: whoever has it may look, nobody can make one up."""
        return signing.Signer(salt=_SALT).sign_object([self.kind, self.key])


@dataclass(frozen=True, slots=True, kw_only=True)
class WallEntry:
    """One instrument: what it is doing, until when it is free, and when it is taken next today."""

    resource: Resource
    presence: Presence
    free_until: datetime | None
    next_taken: Period | None


def find_wall(token: str) -> Wall | None:
    """The display of an address; None for one that nobody was given, or whose noun is gone."""
    try:
        kind, key = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    if kind in ("lab", "place"):
        return Wall(kind=kind, key=key, title=key)
    names: dict[str, QuerySet[Any]] = {
        "pool": ResourcePool.objects.all(),
        "type": ResourceType.objects.all(),
        "unit": Unit.objects.all(),
    }
    found = names[kind].filter(public_id=key).values_list("name", flat=True).first()
    return None if found is None else Wall(kind=kind, key=key, title=found)


def offered_walls(manager: User) -> list[Wall]:
    """All that somebody who looks after instruments may hang up: of what they look after."""
    kept = Resource.objects.filter(
        in_places_or(manager, "resource.manage", resource=""), is_hidden=False
    )
    walls = [Wall(kind="lab")]
    for kind, way in (("pool", "pools"), ("type", "resource_type"), ("unit", "unit")):
        rows = kept.exclude(**{way: None}).values_list(f"{way}__public_id", f"{way}__name")
        walls += [
            Wall(kind=kind, key=str(key), title=name)
            for key, name in sorted(set(rows), key=lambda row: row[1])
        ]
    places = kept.exclude(location="").order_by("location").values_list("location", flat=True)
    return walls + [Wall(kind="place", key=place, title=place) for place in places.distinct()]


def wall_entries(wall: Wall, *, now: datetime, zone: ZoneInfo) -> list[WallEntry]:
    """What the display shows, by name; what is hidden hangs on no wall. No reasons, no names."""
    resources = list(_resources(wall, now)[:MOST_SHOWN])
    rest = Period(now, local_day(now, zone).end)
    opened = open_periods(resources=resources, window=rest)
    found = presences(resources=resources, opened=opened, now=now)
    later = _next_taken(resources, rest, now)
    entries = []
    for resource in resources:
        presence, taken = found[resource.pk], later.get(resource.pk)
        if resource.outage and presence.kind in ("free", "shut"):
            presence = Presence(kind="fault")
        ends = [period.end for period in opened[resource.pk] if period.start <= now]
        ends += [taken.start] if taken else []
        entries.append(
            WallEntry(
                resource=resource,
                presence=presence,
                free_until=min((end for end in ends if now < end < rest.end), default=None),
                next_taken=taken,
            )
        )
    return entries


def _resources(wall: Wall, now: datetime) -> "QuerySet[Any]":
    which: dict[str, dict[str, str]] = {
        "lab": {},
        "pool": {"pools__public_id": wall.key},
        "type": {"resource_type__public_id": wall.key},
        "unit": {"unit__public_id": wall.key},
        "place": {"location": wall.key},
    }
    shown = Resource.objects.filter(is_hidden=False, **which[wall.kind])
    return with_outage(shown.order_by("name", "pk"), now=now)


def _next_taken(resources: Sequence[Resource], rest: Period, now: datetime) -> dict[int, Period]:
    """The first time from now on at which each resource is taken today, without buffers."""
    claims = (
        ResourceCalendar.objects.filter(
            resource__in=resources,
            during__startswith__gt=now,
            during__startswith__lt=rest.end,
        )
        .exclude(hold_expires_at__lte=now)
        .exclude(booking__in=missed_bookings(now).values("pk"))
        .order_by("resource", "during")
        .distinct("resource")
        .values_list("resource", "during", "booking__start_time", "booking__end_time")
    )
    return {
        key: Period(start or during.lower, end or during.upper)
        for key, during, start, end in claims
    }
