"""Reading projects."""

from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import GroupMember, Project, ProjectMember, User
from accounts.permissions.grants import places


def chargeable_projects(user: User, *, on: date) -> "QuerySet[Project]":
    """The projects that a person may charge a booking of that day to, by name.

    Those they are a member of, and those of the groups that they lead or manage.
    """
    return (
        Project.objects.filter(
            _is_member(user),
            Q(ends_on=None) | Q(ends_on__gte=on),
            is_active=True,
            starts_on__lte=on,
        )
        .select_related("group")
        .order_by("name")
    )


def visible_projects(viewer: User) -> "QuerySet[Project]":
    """The viewer's projects, those of their groups, and those of groups they may edit."""
    in_group = GroupMember.objects.filter(group=OuterRef("group"), user=viewer)
    found = places(viewer, "group.manage")
    if found.everywhere:
        return with_people(Project.objects.all())
    condition = _is_member(viewer) | Q(Exists(in_group))
    if found.unit_ids:
        condition |= Q(group__unit_id__in=found.unit_ids)
    return with_people(Project.objects.filter(condition))


def own_projects(viewer: User) -> "QuerySet[Project]":
    """The projects that the viewer may charge, now or at other times, by name."""
    return (
        Project.objects.filter(_is_member(viewer))
        .select_related("group", "price_class")
        .order_by("-is_active", "name")
    )


def with_people(projects: "QuerySet[Project]") -> "QuerySet[Project]":
    """The projects with group, price class and members, and what decides who may see them."""
    members = ProjectMember.objects.select_related("user").order_by(
        "user__last_name", "user__first_name", "user__username"
    )
    return (
        projects.select_related("group__lead", "group__price_class", "price_class")
        .prefetch_related(Prefetch("members", members), "group__members")
        .order_by("name")
    )


def find_project(public_id: UUID) -> Project | None:
    """A project with its people and its group's."""
    return with_people(Project.objects.filter(public_id=public_id)).first()


def _is_member(user: User) -> Q:
    member = ProjectMember.objects.filter(project=OuterRef("pk"), user=user)
    manages = GroupMember.objects.filter(group=OuterRef("group"), user=user, is_manager=True)
    return Q(Exists(member)) | Q(group__lead=user) | Q(Exists(manages))
