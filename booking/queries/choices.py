"""What a booking form offers to choose from, and what was meant by what was typed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat

from accounts.models import User
from accounts.queries.projects import chargeable_projects
from booking.enums import LIVE
from booking.models import (
    Booking,
    FavouriteResource,
    Resource,
    ResourcePool,
    ResourceType,
)
from booking.queries.places import shown_to
from labitory.lib.http import lab_zone

MOST_OFFERED = 200
USUAL_LENGTH = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Resources and pools to offer; `is_cut` when there are more resources than are named."""

    resources: tuple[Resource, ...]
    pools: tuple[ResourcePool, ...]
    is_cut: bool

    @property
    def by_type(self) -> list[Resource]:
        """The resources in the order of a grouped list."""
        return sorted(
            self.resources, key=lambda each: (each.resource_type.name.lower(), each.name.lower())
        )


def _as_uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


def _meant(words: Collection[str]) -> Q:
    ids = [found for word in words if (found := _as_uuid(word))]
    return Q(public_id__in=ids) | Q(code__in=[word for word in words if "\x00" not in word])


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A pool or a project to choose, by public id and name."""

    public_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What a booking form offers besides resources."""

    pools: tuple[Other, ...]
    projects: tuple[Other, ...]


def other_choices(*, user: User, at: datetime) -> Others:
    """The pools, and the projects that a booking of this person at that time may be charged to.

    One statement: the page of a refused booking has none to spare.
    """
    day = at.astimezone(lab_zone()).date()
    projects = chargeable_projects(user, on=day).order_by().select_related(None)
    rows = (
        projects.annotate(
            kind=Value("project"),
            label=Concat("name", Value(" ("), "code", Value(")"), output_field=TextField()),
        )
        .values_list("kind", "public_id", "label")
        .union(
            ResourcePool.objects.order_by()
            .annotate(kind=Value("pool"), label=Cast("name", TextField()))
            .values_list("kind", "public_id", "label"),
            all=True,
        )
        .order_by("label")[: 2 * MOST_OFFERED]
    )
    found: dict[str, list[Other]] = {"pool": [], "project": []}
    for kind, public_id, name in rows:
        found[kind].append(Other(public_id=public_id, name=name))
    return Others(pools=tuple(found["pool"]), projects=tuple(found["project"]))


def bookable_choices(
    *, viewer: User, now: datetime, wanted: Collection[str] = (), with_pools: bool = True
) -> Choices:
    """The viewer's favourites and the wanted first, then by name, at most 200 resources."""
    favourites = FavouriteResource.objects.filter(user=viewer, resource=OuterRef("pk"))
    found = list(
        Resource.objects.filter(shown_to(viewer, now=now))
        .filter(Q(is_active=True) | _meant(wanted))
        .annotate(is_favourite=Exists(favourites), is_wanted=_meant(wanted))
        .select_related("resource_type")
        .order_by("-is_wanted", "-is_favourite", "name")[: MOST_OFFERED + 1]
    )
    return Choices(
        resources=tuple(found[:MOST_OFFERED]),
        pools=tuple(ResourcePool.objects.order_by("name")[:MOST_OFFERED]) if with_pools else (),
        is_cut=len(found) > MOST_OFFERED,
    )


def meant_resources(words: Sequence[str]) -> dict[str, Resource]:
    """The resources that short codes or public ids name; what names nothing is left out."""
    wanted = list(dict.fromkeys(words))
    if not wanted:
        return {}
    found = Resource.objects.filter(_meant(wanted)).select_related("resource_type")
    by_name: dict[str, Resource] = {}
    for resource in found:
        by_name[str(resource.public_id)] = by_name[resource.code] = resource
    return {word: by_name[word] for word in wanted if word in by_name}


def meant_pool(word: str) -> ResourcePool | None:
    """The pool that a public id names."""
    public_id = _as_uuid(word)
    return ResourcePool.objects.filter(public_id=public_id).first() if public_id else None


def meant_type(word: str) -> ResourceType | None:
    """The type that a public id names."""
    public_id = _as_uuid(word)
    return ResourceType.objects.filter(public_id=public_id).first() if public_id else None


def offered_types() -> list[ResourceType]:
    """All types, for filters."""
    return list(ResourceType.objects.order_by("name")[:MOST_OFFERED])


def meant_people(words: Sequence[str]) -> dict[str, User]:
    """The active people that user names or e-mail addresses name, by the word as typed."""
    names = [word.lower() for word in words if "\x00" not in word]
    if not names:
        return {}
    clause = Q()
    for name in names:
        clause |= Q(email__iexact=name) if "@" in name else Q(username__iexact=name)
    found = User.objects.filter(clause, is_active=True).select_related("preferences")
    known = {key.lower(): user for user in found for key in (user.username, user.email)}
    return {word: known[word.lower()] for word in words if word.lower() in known}


def resource_with_usual_length(*, user: User, word: str) -> tuple[Resource | None, timedelta]:
    """A resource, and how long the person's last booking of it was; an hour if there is none."""
    last = Booking.objects.filter(user=user, resource=OuterRef("pk"), status__in=LIVE).order_by(
        "-start_time"
    )
    found = (
        Resource.objects.filter(_meant([word]))
        .select_related("resource_type")
        .annotate(last_start=last.values("start_time")[:1], last_end=last.values("end_time")[:1])
        .first()
    )
    if found is None or found.last_start is None:
        return found, USUAL_LENGTH
    return found, found.last_end - found.last_start


def resource_keys(
    *,
    public_ids: Sequence[UUID] | None = None,
    type_id: UUID | None = None,
    pool_id: UUID | None = None,
    limit: int = MOST_OFFERED,
) -> list[int]:
    """The keys of some resources, of a type's or a pool's, or of the first by name."""
    found = Resource.objects.order_by("name")
    if public_ids is not None:
        found = found.filter(public_id__in=public_ids)
    if type_id is not None:
        found = found.filter(resource_type__public_id=type_id)
    if pool_id is not None:
        found = found.filter(pools__public_id=pool_id)
    return list(found.values_list("pk", flat=True)[:limit])
