"""Reading people, for those who look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import ResearchGroup, Unit, User
from accounts.queries.units import units_within


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilters:
    """Whom to list; what is empty does not filter."""

    word: str = ""
    role: str = ""
    unit: Unit | None = None
    group: ResearchGroup | None = None
    active: bool | None = True


def people(filters: PeopleFilters) -> "QuerySet[User]":
    """People by name, with unit and preferences: one query, however many there are."""
    found = User.objects.select_related("profile__unit")
    for part in filters.word.replace("\x00", "").split()[:4]:
        found = found.filter(
            Q(first_name__icontains=part)
            | Q(last_name__icontains=part)
            | Q(username__icontains=part)
            | Q(email__icontains=part)
        )
    if filters.role:
        found = found.filter(role=filters.role)
    if filters.unit is not None:
        keys = units_within(filters.unit)
        in_group = Q(group_memberships__group__unit_id__in=keys)
        found = found.filter(Q(profile__unit_id__in=keys) | in_group).distinct()
    if filters.group is not None:
        in_group = Q(group_memberships__group=filters.group)
        found = found.filter(in_group | Q(led_groups=filters.group)).distinct()
    if filters.active is not None:
        found = found.filter(is_active=filters.active)
    return found.order_by("last_name", "first_name", "username")


def find_person(public_id: UUID) -> User | None:
    """An account with profile and unit."""
    return (
        User.objects.select_related("profile__unit", "preferences")
        .filter(public_id=public_id)
        .first()
    )


def meant_person(word: str, *, active: bool = True) -> User | None:
    """The person that a user name or e-mail address names, in any letter case."""
    word = word.strip()
    if not word or "\x00" in word:
        return None
    clause = Q(email__iexact=word) if "@" in word else Q(username__iexact=word)
    found = User.objects.filter(clause).select_related("preferences")
    return (found.filter(is_active=True) if active else found).first()


def memberships(user: User) -> "QuerySet[ResearchGroup]":
    """The groups that a person leads or belongs to, by name."""
    return (
        ResearchGroup.objects.filter(Q(lead=user) | Q(members__user=user))
        .select_related("unit", "lead")
        .distinct()
        .order_by("name")
    )


def possible_doubles(user: User, limit: int = 5) -> Sequence[User]:
    """Other accounts of the same first and last name: perhaps the same person."""
    if not (user.first_name and user.last_name):
        return []
    return list(
        User.objects.filter(
            first_name__iexact=user.first_name, last_name__iexact=user.last_name
        ).exclude(pk=user.pk)[:limit]
    )
