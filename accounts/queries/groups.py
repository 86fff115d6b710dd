"""Reading research groups, their people, and who wants to join."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.enums import RequestStatus
from accounts.models import GroupMember, JoinRequest, ResearchGroup, User
from accounts.permissions.grants import Places, places

MOST_FOUND = 20


def _in_places(found: Places) -> Q:
    """The groups in the units where somebody may do something."""
    return Q() if found.everywhere else Q(unit_id__in=found.unit_ids)


def managed_groups(viewer: User) -> "QuerySet[ResearchGroup]":
    """The groups that the viewer may edit: all of them, or those in some units."""
    found = places(viewer, "group.manage")
    if not found:
        return ResearchGroup.objects.none()
    return ResearchGroup.objects.filter(_in_places(found))


def led_groups(viewer: User) -> "QuerySet[ResearchGroup]":
    """The groups that the viewer leads or manages for its leader."""
    return ResearchGroup.objects.filter(_is_leader(viewer))


def own_groups(viewer: User) -> "QuerySet[ResearchGroup]":
    """The groups that the viewer leads or is a member of."""
    mine = GroupMember.objects.filter(group=OuterRef("pk"), user=viewer)
    return ResearchGroup.objects.filter(Q(lead=viewer) | Q(Exists(mine)))


def visible_groups(viewer: User) -> "QuerySet[ResearchGroup]":
    """One's own groups and those one may edit, by name, with their people."""
    mine = GroupMember.objects.filter(group=OuterRef("pk"), user=viewer)
    found = places(viewer, "group.manage")
    condition = Q(lead=viewer) | Q(Exists(mine))
    if found:
        condition = condition | _in_places(found) if not found.everywhere else Q()
    return with_people(ResearchGroup.objects.filter(condition))


def with_people(groups: "QuerySet[ResearchGroup]") -> "QuerySet[ResearchGroup]":
    """The groups with leader, unit, price class and members, each in few queries."""
    members = GroupMember.objects.select_related("user").order_by(
        "user__last_name", "user__first_name", "user__username"
    )
    return (
        groups.select_related("lead", "unit", "price_class")
        .prefetch_related(Prefetch("members", members))
        .order_by("name")
    )


def find_group(public_id: UUID) -> ResearchGroup | None:
    """A group with its people."""
    return with_people(ResearchGroup.objects.filter(public_id=public_id)).first()


def joinable_groups(viewer: User, word: str) -> list[ResearchGroup]:
    """Active groups to ask for membership, by a part of the group's or its leader's name."""
    word = word.replace("\x00", "").strip()[:100]
    if not word:
        return []
    match = Q(name__icontains=word)
    for part in word.split()[:3]:
        match |= Q(lead__last_name__icontains=part) | Q(lead__first_name__icontains=part)
    asked = JoinRequest.objects.filter(
        group=OuterRef("pk"), user=viewer, status=RequestStatus.WAITING
    )
    found = ResearchGroup.objects.filter(match, is_active=True).exclude(
        pk__in=own_groups(viewer).values("pk")
    )
    found = found.annotate(is_asked=Exists(asked)).select_related("lead", "unit")
    return list(found.order_by("name")[:MOST_FOUND])


def open_groups() -> "QuerySet[ResearchGroup]":
    """Active groups by name, for those who register."""
    return ResearchGroup.objects.filter(is_active=True).select_related("lead").order_by("name")


def own_requests(viewer: User) -> "QuerySet[JoinRequest]":
    """The viewer's requests that wait, the latest first."""
    return JoinRequest.objects.filter(user=viewer, status=RequestStatus.WAITING).select_related(
        "group"
    )


def waiting_requests(groups: Collection[ResearchGroup]) -> "QuerySet[JoinRequest]":
    """The requests to join these groups that wait, the oldest first."""
    return (
        JoinRequest.objects.filter(group__in=groups, status=RequestStatus.WAITING)
        .select_related("group__lead", "user")
        .order_by("asked_at", "pk")
    )


def waiting_for(viewer: User) -> "QuerySet[JoinRequest]":
    """The requests to join groups that the viewer leads or manages for its leader."""
    return (
        JoinRequest.objects.filter(group__in=led_groups(viewer), status=RequestStatus.WAITING)
        .exclude(user=viewer)
        .select_related("group", "user")
        .order_by("asked_at", "pk")
    )


def leaders_of(group: ResearchGroup) -> list[User]:
    """The principal investigator and those who act for them."""
    return list(
        User.objects.filter(
            Q(pk=group.lead_id)
            | Q(group_memberships__group=group, group_memberships__is_manager=True),
            is_active=True,
        ).distinct()
    )


def group_list(viewer: User, *, word: str = "", closed: bool = False) -> "QuerySet[ResearchGroup]":
    """The groups that the viewer may edit, by name, with the number of their people."""
    found = managed_groups(viewer).filter(is_active=not closed)
    word = word.replace("\x00", "").strip()[:100]
    if word:
        found = found.filter(
            Q(name__icontains=word)
            | Q(lead__last_name__icontains=word)
            | Q(lead__username__iexact=word)
        )
    return (
        found.select_related("lead", "unit", "price_class")
        .annotate(member_count=Count("members", distinct=True))
        .order_by("name")
    )


def _is_leader(viewer: User) -> Q:
    manages = GroupMember.objects.filter(group=OuterRef("pk"), user=viewer, is_manager=True)
    return Q(lead=viewer) | Q(Exists(manages))
