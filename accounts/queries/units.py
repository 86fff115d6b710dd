"""Reading the organisation."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import PriceClass, Unit


@dataclass(slots=True, kw_only=True)
class Branch:
    """A unit with what lies within it, and how many active groups and people it has itself."""

    unit: Unit
    groups: int
    people: int
    parts: list["Branch"] = field(default_factory=list)


def organisation() -> list[Branch]:
    """The whole organisation as a tree, each level by name: one query."""
    units = Unit.objects.annotate(
        group_count=Count("groups", filter=Q(groups__is_active=True), distinct=True),
        people_count=Count("people", filter=Q(people__user__is_active=True), distinct=True),
    ).order_by("name")
    branches = {
        unit.pk: Branch(unit=unit, groups=unit.group_count, people=unit.people_count)
        for unit in units
    }
    tops: list[Branch] = []
    for branch in branches.values():
        above = branches.get(branch.unit.parent_id) if branch.unit.parent_id else None
        (above.parts if above else tops).append(branch)
    return tops


def units_in_order(*, active: bool = True) -> list[tuple[int, Unit]]:
    """Units with their depth, each below the one it lies in, for a list to choose from."""
    found: list[tuple[int, Unit]] = []

    def walk(branches: list[Branch], depth: int) -> None:
        for branch in branches:
            if branch.unit.is_active or not active:
                found.append((depth, branch.unit))
                walk(branch.parts, depth + 1)

    walk(organisation(), 0)
    return found


def find_unit(public_id: UUID) -> Unit | None:
    """A unit with the one it lies in."""
    return Unit.objects.filter(public_id=public_id).select_related("parent").first()


def price_classes() -> "QuerySet[PriceClass]":
    """Price classes by name, with the number of groups that pay by each."""
    return PriceClass.objects.annotate(group_count=Count("groups")).order_by("name")


def units_within(unit: Unit) -> list[int]:
    """The keys of a unit and of all that lies within it: three levels at most."""
    within = Q(pk=unit.pk) | Q(parent=unit) | Q(parent__parent=unit)
    return list(Unit.objects.filter(within).values_list("pk", flat=True))
