"""Displays on walls: what passes by may see of many instruments, and nobody's name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.models.units import Unit
from accounts.permissions import places
from booking.enums import WallKind
from booking.models import Resource, ResourcePool, ResourceType, WallDisplay
from booking.queries.calendars import with_hours
from booking.queries.faults import with_outage
from booking.queries.feeds import hash_token
from booking.queries.passing import Passing, passing, rest_of_day
from booking.queries.places import in_places_or
from booking.queries.resources import Presence
from labitory.lib.periods import Period

# What one socket may hear of, beside its own end; a corridor has fewer.
MOST_SHOWN = 60
# What a screen shows at once.
ON_SCREEN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What somebody may hang up: `key` is a public id, a place, or nothing for the whole lab."""

    kind: WallKind
    key: str = ""
    title: str = ""

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.kind.value}:{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WallEntry:
    """One instrument: what it is doing, until when it is free, and when it is taken next today."""

    resource: Resource
    presence: Presence
    free_until: datetime | None
    next_taken: Period | None


def find_display(token: str) -> WallDisplay | None:
    """The display of an address, revoked or not; None for one that nobody was given."""
    return _with_names().filter(token_hash=hash_token(token)).first()


def displays_of(manager: User) -> QuerySet[WallDisplay]:
    """The displays that hang and that this person may take down, by name.

    Whoever may hang up a display of something may take it down. The whole lab's is for who looks
    after everything, and for who made it.
    """
    held, hanging = places(manager, "resource.manage"), _with_names().filter(revoked_at=None)
    if held.everywhere:
        return hanging
    if not held:
        return hanging.none()
    kept = _kept(manager)
    return hanging.filter(
        Q(created_by=manager)
        | Q(pool__in=kept.values("pools"))
        | Q(resource_type__in=kept.values("resource_type"))
        | Q(unit__in=kept.values("unit"))
        | Q(kind=WallKind.PLACE, place__in=kept.values("location"))
    )


def offered_walls(manager: User) -> list[Offered]:
    """All that somebody who looks after instruments may hang up: of what they look after."""
    kept, lab = _kept(manager), Offered(kind=WallKind.LAB)
    nouns = (
        (WallKind.POOL, "pools"),
        (WallKind.TYPE, "resource_type"),
        (WallKind.UNIT, "unit"),
    )
    walls = [lab]
    for kind, way in nouns:
        rows = kept.exclude(**{way: None}).values_list(f"{way}__public_id", f"{way}__name")
        walls += [
            Offered(kind=kind, key=str(key), title=name)
            for key, name in sorted(set(rows), key=lambda row: row[1])
        ]
    places = kept.exclude(location="").order_by("location").values_list("location", flat=True)
    return walls + [
        Offered(kind=WallKind.PLACE, key=each, title=each) for each in places.distinct()
    ]


def shown_by(offered: Offered) -> dict[str, Any]:
    """The fields of a display that shows it."""
    nouns: dict[WallKind, tuple[str, QuerySet[Any]]] = {
        WallKind.POOL: ("pool", ResourcePool.objects.all()),
        WallKind.TYPE: ("resource_type", ResourceType.objects.all()),
        WallKind.UNIT: ("unit", Unit.objects.all()),
    }
    if offered.kind in nouns:
        field, rows = nouns[offered.kind]
        return {"kind": offered.kind, field: rows.get(public_id=offered.key)}
    return {"kind": offered.kind, "place": offered.key}


def wall_entries(display: WallDisplay, *, now: datetime, zone: ZoneInfo) -> list[WallEntry]:
    """What the display shows, by name; what is hidden hangs on no wall. No reasons, no names."""
    rest = rest_of_day(now, zone)
    resources = list(with_hours(_resources(display, now), rest)[:MOST_SHOWN])
    found = passing(resources=resources, rest=rest)
    return [_entry(resource, found[resource.pk]) for resource in resources]


def _entry(resource: Any, found: Passing) -> WallEntry:  # noqa: ANN401 - a resource with its outage
    presence = found.presence
    if resource.outage and presence.kind in ("free", "shut"):
        presence = Presence(kind="fault")
    return WallEntry(
        resource=resource,
        presence=presence,
        free_until=found.free_until,
        next_taken=found.later[0] if found.later else None,
    )


def _kept(manager: User) -> QuerySet[Resource]:
    mine = in_places_or(manager, "resource.manage", resource="")
    return Resource.objects.filter(mine, is_hidden=False).order_by()


def _with_names() -> QuerySet[WallDisplay]:
    return WallDisplay.objects.select_related("pool", "resource_type", "unit", "created_by")


def _resources(display: WallDisplay, now: datetime) -> "QuerySet[Any]":
    which: dict[str, dict[str, Any]] = {
        WallKind.LAB: {},
        WallKind.POOL: {"pools": display.pool_id},
        WallKind.TYPE: {"resource_type": display.resource_type_id},
        WallKind.UNIT: {"unit": display.unit_id},
        WallKind.PLACE: {"location": display.place},
    }
    shown = Resource.objects.filter(is_hidden=False, **which[display.kind])
    return with_outage(shown.order_by("name", "pk"), now=now)
