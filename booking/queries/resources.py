"""Reading resources: the list, what each is doing now, and all that its page tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from accounts.models import User
from booking.enums import (
    OPEN,
    AccessLevel,
    ClaimKind,
    Limit,
    RequestState,
    ResponsibleKind,
    Status,
)
from booking.models import (
    AccessRequest,
    Booking,
    FavouriteResource,
    Resource,
    ResourceAccess,
    ResourceCalendar,
    ResourceLink,
    ResourcePool,
    ResourceWatch,
    ResponsiblePerson,
)
from booking.queries._facts_parts import course_facts, fault_facts, quota_facts
from booking.queries._open_hours import Hours, periods_of
from booking.queries.approval_policies import approval_of
from booking.queries.bookings import visible_bookings
from booking.queries.check_ins import missed_bookings
from booking.queries.facts import limits_of, load_resources
from booking.queries.places import shown_to
from booking.rules.request import CourseFacts, FaultFacts, QuotaFacts
from labitory.lib.periods import Period

UPCOMING_SHOWN = 8
# One that is in use past its end still waits to be finished.
OVERRUN = timedelta(hours=12)
MINUTE = timedelta(minutes=1)
# What must be known of a claim to tell what a resource is doing.
CLAIM = ("resource_id", "kind", "units", "during", "maintenance__title", "closure__reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFilters:
    """What a list of resources is narrowed to; None and '' do not narrow."""

    word: str = ""
    type_id: UUID | None = None
    pool_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What a resource is doing now.

    `kind` is `free`, `busy`, `maintenance`, `closed`, `fault` (with its reason) or `shut` (outside
    its hours); `until` is when the first seat is free again, where that is known.
    """

    kind: str
    until: datetime | None = None
    reason: str = ""
    free_seats: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to ask about a resource."""

    name: str
    email: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another resource, to link to."""

    public_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Whether the viewer may book: `open` to all, `granted`, `expired` or `missing`.

    `asked` is the viewer's request that still waits.
    """

    kind: str
    until: datetime | None = None
    asked: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePage:
    """All about one resource that does not change by the minute."""

    resource: Resource
    is_favourite: bool
    # `follow`, `mute` or neither.
    watch: str
    leave: Leave
    contacts: tuple[Contact, ...]
    # What a booking of it occupies as well, and what occupies it.
    links: tuple[Neighbour, ...]
    linked_from: tuple[Neighbour, ...]
    pools: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceTerms:
    """The limits in force for one person, and the weekly hours; no hours at all is always open."""

    limits: dict[Limit, int]
    hours: tuple[Hours, ...]
    holidays: frozenset[date]
    resource: Resource
    # The same with all that its rules need to know.
    loaded: Resource
    courses: tuple[CourseFacts, ...]
    # How bookings are approved, in sentences.
    approval: tuple[str, ...]
    # Those that would count a booking that is charged to no project.
    quotas: tuple[QuotaFacts, ...]
    # What is wrong with it, the worst of it.
    fault: FaultFacts | None = None

    def open_in(self, window: Period) -> list[Period]:
        """The open periods of a window within the one that was asked for."""
        found = periods_of(
            list(self.hours), holidays=self.holidays, zone=self.resource.zone, window=window
        )
        whole = [window] if found is None else found
        return [part for each in whole if (part := each.clip(window))]


def listed_resources(
    *, viewer: User, filters: ResourceFilters, now: datetime
) -> "QuerySet[Resource]":
    """The resources that the filters leave, the viewer's favourites first, then by name.

    Each has `is_favourite`, and `is_locked` where the viewer would need access first.
    """
    mine = {"resource": OuterRef("pk"), "user": viewer}
    shown = Resource.objects.filter(shown_to(viewer, now=now))
    found = shown.select_related("resource_type").annotate(
        is_favourite=Exists(FavouriteResource.objects.filter(**mine)),
        is_locked=_is_locked(viewer, now),
    )
    if filters.word:
        found = found.filter(
            Q(name__icontains=filters.word)
            | Q(location__icontains=filters.word)
            | Q(resource_type__name__icontains=filters.word)
            | Q(code__iexact=filters.word)
        )
    if filters.type_id:
        found = found.filter(resource_type__public_id=filters.type_id)
    if filters.pool_id:
        members = ResourcePool.objects.filter(public_id=filters.pool_id).values("resources")
        found = found.filter(pk__in=members)
    return found.order_by("-is_favourite", "name")


def _is_locked(viewer: User, now: datetime) -> Combinable:
    granted = ResourceAccess.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        resource=OuterRef("pk"),
        user=viewer,
        level=AccessLevel.BOOK,
    )
    return Q(requires_access=True) & ~Exists(granted)


def find_resource(public_id: UUID) -> Resource | None:
    """One resource with its type."""
    return Resource.objects.select_related("resource_type").filter(public_id=public_id).first()


def presences(
    *, resources: Sequence[Resource], opened: Mapping[int, Sequence[Period]], now: datetime
) -> dict[int, Presence]:
    """What each resource (by key) is doing now; `opened` are its open periods around now."""
    claims: dict[int, list[Mapping[str, Any]]] = {}
    rows = (
        ResourceCalendar.objects.filter(resource__in=resources, during__contains=now)
        .filter(Q(hold_expires_at=None) | Q(hold_expires_at__gt=now))
        .exclude(booking__in=missed_bookings(now).filter(end_time__gt=now).values("pk"))
        .values(*CLAIM)
    )
    for row in rows:
        claims.setdefault(row["resource_id"], []).append(row)
    return {
        resource.pk: presence_of(
            resource, claims.get(resource.pk, []), opened.get(resource.pk, ()), now
        )
        for resource in resources
    }


def presence_of(
    resource: Resource, claims: Sequence[Mapping[str, Any]], opened: Sequence[Period], now: datetime
) -> Presence:
    """What a resource is doing now, by the claims (`CLAIM`) that have begun and not ended."""
    if not resource.is_active:
        return Presence(kind="closed", reason=resource.closed_reason)
    for claim in claims:
        if claim["kind"] == ClaimKind.MAINTENANCE:
            return Presence(
                kind="maintenance",
                until=claim["during"].upper,
                reason=claim["maintenance__title"],
            )
        if claim["kind"] == ClaimKind.CLOSURE:
            return Presence(
                kind="closed", until=claim["during"].upper, reason=claim["closure__reason"]
            )
    taken = sum(claim["units"].upper - claim["units"].lower for claim in claims)
    if taken >= resource.capacity:
        return Presence(kind="busy", until=min(claim["during"].upper for claim in claims))
    if not any(period.start <= now < period.end for period in opened):
        return Presence(kind="shut")
    return Presence(kind="free", free_seats=resource.capacity - taken)


def resource_page(*, viewer: User, public_id: UUID, now: datetime) -> ResourcePage | None:
    """What stands on a resource's page, in one query."""
    return _page(Resource.objects.filter(public_id=public_id), viewer=viewer, now=now)


def instrument_page(
    rows: "QuerySet[Any]", *, viewer: User, code: str, now: datetime
) -> ResourcePage | None:
    """The same of one of the rows, by the code on the sticker, however its letters are typed."""
    return _page(rows.filter(code=code.lower()), viewer=viewer, now=now)


def _page(rows: "QuerySet[Any]", *, viewer: User, now: datetime) -> ResourcePage | None:
    mine = {"resource": OuterRef("pk"), "user": viewer}
    links = ResourceLink.objects.filter(resource=OuterRef("pk")).order_by("linked__name")
    linked_from = ResourceLink.objects.filter(linked=OuterRef("pk")).order_by("resource__name")
    pools = ResourcePool.objects.filter(resources=OuterRef("pk")).order_by("name")
    found = (
        rows.filter(shown_to(viewer, now=now))
        .select_related("resource_type")
        .annotate(
            is_favourite=Exists(FavouriteResource.objects.filter(**mine)),
            watch=Subquery(ResourceWatch.objects.filter(**mine).values("mode")),
            is_locked=_is_locked(viewer, now),
            leaves=ArraySubquery(
                ResourceAccess.objects.filter(**mine, level=AccessLevel.BOOK).values("expires_at")
            ),
            asked=_asked(mine),
            people=ArraySubquery(_people()),
            link_list=ArraySubquery(
                links.values(json=JSONObject(public_id="linked__public_id", name="linked__name"))
            ),
            linked_list=ArraySubquery(
                linked_from.values(
                    json=JSONObject(public_id="resource__public_id", name="resource__name")
                )
            ),
            pool_names=ArraySubquery(pools.values("name")),
        )
        .first()
    )
    if found is None:
        return None
    return ResourcePage(
        resource=found,
        is_favourite=found.is_favourite,
        watch=found.watch or "",
        leave=_leave(found, found.leaves, found.asked, now),
        contacts=tuple(_contact(row) for row in found.people),
        links=tuple(_neighbour(row) for row in found.link_list),
        linked_from=tuple(_neighbour(row) for row in found.linked_list),
        pools=tuple(found.pool_names),
    )


def _people() -> "QuerySet[ResponsiblePerson, Any]":
    """Whom to ask about a resource, as JSON."""
    people = ResponsiblePerson.objects.filter(resource=OuterRef("pk")).order_by("kind", "id")
    return people.values(
        json=JSONObject(
            kind="kind",
            first="user__first_name",
            last="user__last_name",
            username="user__username",
            email="user__email",
        )
    )


def _asked(mine: dict[str, Any]) -> Subquery:
    """The request that still waits; nobody has two of them for one resource."""
    waiting = AccessRequest.objects.filter(**mine, state=RequestState.WAITING)
    return Subquery(waiting.values("public_id"))


def _leave(
    resource: Resource, expiries: Sequence[datetime | None], asked: UUID | None, now: datetime
) -> Leave:
    if not resource.requires_access:
        return Leave(kind="open")
    if not expiries:
        return Leave(kind="missing", asked=asked)
    until = expiries[0]
    kind = "granted" if until is None or until > now else "expired"
    return Leave(kind=kind, until=until, asked=asked)


def _contact(row: Mapping[str, str]) -> Contact:
    return Contact(
        name=f"{row['first']} {row['last']}".strip() or row["username"],
        email=row["email"],
        kind=str(ResponsibleKind(row["kind"]).label),
    )


def _neighbour(row: Mapping[str, str]) -> Neighbour:
    return Neighbour(public_id=UUID(row["public_id"]), name=row["name"])


def resource_terms(
    *, viewer: User, resource: Resource, window: Period, now: datetime
) -> ResourceTerms:
    """The viewer's limits on a resource and when it is open, in one query."""
    around = Period(min(window.start, now), max(window.end, now + MINUTE))
    loaded = load_resources(user=viewer, window=around, now=now, public_ids=[resource.public_id])[0]
    return replace(terms_of(loaded), resource=resource)


def terms_of(loaded: Resource) -> ResourceTerms:
    """The terms of a resource that was loaded with its facts."""
    hours = orjson.loads(vars(loaded)["hours_json"] or "[]")
    holidays = orjson.loads(vars(loaded)["holidays_json"] or "[]")
    return ResourceTerms(
        limits=limits_of(loaded),
        hours=tuple(
            Hours(day, time.fromisoformat(opens), time.fromisoformat(closes))
            for day, opens, closes in hours
        ),
        holidays=frozenset(date.fromisoformat(day) for day in holidays),
        resource=loaded,
        loaded=loaded,
        courses=course_facts(loaded),
        fault=fault_facts(loaded),
        approval=approval_of(loaded),
        quotas=quota_facts(loaded),
    )


def upcoming_on(*, viewer: User, resource: Resource, now: datetime) -> list[Booking]:
    """The next bookings of a resource that the viewer may see, running ones first."""
    return list(
        visible_bookings(viewer)
        .filter(resource=resource, end_time__gt=now, status__in=(*OPEN, Status.CHECKED_IN))
        .order_by("start_time")[:UPCOMING_SHOWN]
    )


def own_bookings_on(*, viewer: User, resource: Resource, now: datetime) -> list[Booking]:
    """The viewer's running and coming bookings of a resource, for themselves or made by them."""
    return list(
        Booking.objects.filter(Q(user=viewer) | Q(created_by=viewer), resource=resource)
        .filter(
            Q(status__in=OPEN, end_time__gt=now)
            | Q(status=Status.CHECKED_IN, end_time__gt=now - OVERRUN)
        )
        .select_related("user")
        .order_by("start_time")[:UPCOMING_SHOWN]
    )


def access_list(resource: Resource) -> "QuerySet[ResourceAccess]":
    """Who may book a restricted resource, by name."""
    return (
        ResourceAccess.objects.filter(resource=resource)
        .select_related("user", "granted_by")
        .order_by("user__last_name", "user__first_name", "user__username")
    )


def offered_pools() -> list[ResourcePool]:
    """All pools, for filters."""
    return list(ResourcePool.objects.order_by("name")[:200])
