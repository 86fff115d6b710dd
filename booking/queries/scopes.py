"""What the lab manager's forms offer: every resource, closed ones too."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from accounts.models import User
from booking.models import Resource, ResourcePool, ResourceType
from booking.queries.places import in_places, types_in_places

MOST_LISTED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Resources to choose from; `is_cut` when there are more than are listed."""

    resources: tuple[Resource, ...]
    is_cut: bool

    @property
    def by_type(self) -> list[tuple[str, list[Resource]]]:
        """The resources under the names of their types."""
        ordered = sorted(
            self.resources, key=lambda each: (each.resource_type.name.lower(), each.name.lower())
        )
        groups = groupby(ordered, key=lambda each: each.resource_type.name)
        return [(name, list(members)) for name, members in groups]


def offered_resources(*, viewer: User | None, code: str, wanted: Collection[str] = ()) -> Listed:
    """Resources by name on which the viewer may do what the permission's code says, at most 500.

    Those whose short codes are wanted are always among them. Without a viewer all are offered.
    """
    own = in_places(viewer, code, resource="") if viewer else Q()
    codes = [word for word in wanted if "\x00" not in word]
    found = list(
        Resource.objects.filter(own)
        .annotate(
            place=Case(
                When(code__in=codes, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            )
        )
        .select_related("resource_type")
        .order_by("place", "name")[: MOST_LISTED + 1]
    )
    return Listed(resources=tuple(found[:MOST_LISTED]), is_cut=len(found) > MOST_LISTED)


def linkable_resources(*, viewer: User, resource: Resource) -> "QuerySet[Resource]":
    """What a resource may be linked to: what the viewer looks after, and what it is linked to."""
    own = in_places(viewer, "resource.manage", resource="")
    linked = Q(pk__in=resource.links.values("linked"))
    found = Resource.objects.exclude(pk=resource.pk).order_by("name")
    return found.filter(own | linked) if own else found


def offered_types(*, viewer: User, code: str, also: int | None = None) -> "QuerySet[ResourceType]":
    """The types on which, as a whole, the viewer may do what the permission's code says.

    `also` is the key of one that is offered in any case: the one that is chosen already.
    """
    own = types_in_places(viewer, code)
    chosen = own | Q(pk=also) if own and also is not None else own
    return ResourceType.objects.filter(chosen).order_by("name")


def counted_types(viewer: User) -> "QuerySet[ResourceType]":
    """The viewer's types with the number of their resources, and of those that are closed."""
    return offered_types(viewer=viewer, code="resource.manage").annotate(
        resource_count=Count("resources"),
        closed_count=Count("resources", filter=Q(resources__is_active=False)),
    )


def find_type(public_id: UUID) -> ResourceType | None:
    """A type by its public id."""
    return ResourceType.objects.filter(public_id=public_id).first()


def managed_pools(viewer: User) -> "QuerySet[ResourcePool]":
    """Pools of which the viewer looks after every member."""
    found = pools_with_members()
    own = in_places(viewer, "resource.manage", resource="")
    if not own:
        return found
    others = Resource.objects.exclude(own).values("pk")
    return found.exclude(resources__in=others)


def pools_with_members() -> "QuerySet[ResourcePool]":
    """Pools with their resources at hand."""
    return ResourcePool.objects.prefetch_related("resources").order_by("name")


def find_pool(public_id: UUID) -> ResourcePool | None:
    """A pool by its public id, with its resources at hand."""
    return pools_with_members().filter(public_id=public_id).first()
