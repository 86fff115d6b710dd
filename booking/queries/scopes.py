"""What the lab manager's forms offer: every resource, closed ones too."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from booking.models import Resource, ResourcePool, ResourceType

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


def offered_resources(*, wanted: Collection[str] = ()) -> Listed:
    """Resources by name, at most 500; those whose short codes are wanted are always among them."""
    codes = [code for code in wanted if "\x00" not in code]
    found = list(
        Resource.objects.annotate(
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


def counted_types() -> "QuerySet[ResourceType]":
    """Types with the number of their resources, and of those that are closed."""
    return ResourceType.objects.annotate(
        resource_count=Count("resources"),
        closed_count=Count("resources", filter=Q(resources__is_active=False)),
    ).order_by("name")


def find_type(public_id: UUID) -> ResourceType | None:
    """A type by its public id."""
    return ResourceType.objects.filter(public_id=public_id).first()


def pools_with_members() -> "QuerySet[ResourcePool]":
    """Pools with their resources at hand."""
    return ResourcePool.objects.prefetch_related("resources").order_by("name")


def find_pool(public_id: UUID) -> ResourcePool | None:
    """A pool by its public id, with its resources at hand."""
    return pools_with_members().filter(public_id=public_id).first()
