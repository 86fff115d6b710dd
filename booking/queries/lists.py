"""The organisation and its people as rows of files, in the columns that the import reads."""

from collections.abc import Callable, Iterable, Mapping

from django.db.models import Prefetch, QuerySet

from accounts.enums import Role, UnitKind
from accounts.models import GroupMember, Project, ProjectMember, ResearchGroup, Unit, User
from labitory.lib.cells import write_names
from labitory.lib.text import mask_address

Rows = Iterable[tuple[str, ...]]


def unit_rows() -> Rows:
    """Every unit; what lies within another stands below it."""
    levels = list(UnitKind)
    found = Unit.objects.select_related("parent").order_by("code")
    return [
        (unit.code, unit.kind, unit.name, unit.parent.code if unit.parent else "", _flag(unit))
        for unit in sorted(found, key=lambda unit: levels.index(UnitKind(unit.kind)))
    ]


def person_rows(found: "QuerySet[User]", *, masked: bool = False) -> Rows:
    """These people; `masked`, their addresses are for nobody to use, and no import takes them."""
    members = GroupMember.objects.select_related("group").order_by("group__name")
    return [
        (
            user.username,
            mask_address(user.email) if masked else user.email,
            user.first_name,
            user.last_name,
            Role(user.role).value,
            "" if masked else user.profile.affiliation,
            user.profile.unit.code if user.profile.unit else "",
            write_names([each.group.name for each in user.group_memberships.all()]),
            _flag(user),
        )
        for user in found.prefetch_related(Prefetch("group_memberships", members))
    ]


def group_rows() -> Rows:
    """Every group with its people."""
    members = GroupMember.objects.select_related("user").order_by("user__username")
    found = ResearchGroup.objects.select_related("lead", "unit", "price_class")
    return [
        (
            group.name,
            group.lead.username,
            group.unit.code if group.unit else "",
            group.price_class.code if group.price_class else "",
            _people_of(group, manage=False),
            _people_of(group, manage=True),
            _flag(group),
        )
        for group in found.prefetch_related(Prefetch("members", members)).order_by("name")
    ]


def project_rows() -> Rows:
    """Every project with those who may charge it."""
    members = ProjectMember.objects.select_related("user").order_by("user__username")
    found = Project.objects.select_related("group", "price_class")
    return [
        (
            project.code,
            project.name,
            project.group.name,
            project.starts_on.isoformat(),
            project.ends_on.isoformat() if project.ends_on else "",
            project.price_class.code if project.price_class else "",
            write_names([each.user.username for each in project.members.all()]),
            _flag(project),
        )
        for project in found.prefetch_related(Prefetch("members", members)).order_by("code")
    ]


def _people_of(group: ResearchGroup, *, manage: bool) -> str:
    return write_names(
        [each.user.username for each in group.members.all() if each.is_manager == manage]
    )


def _flag(row: Unit | User | ResearchGroup | Project) -> str:
    return "yes" if row.is_active else "no"


LISTS: Mapping[str, Callable[[], Rows]] = {
    "units": unit_rows,
    "groups": group_rows,
    "projects": project_rows,
}
