"""Groups and projects for tests, past every rule."""

from datetime import UTC, date, datetime
from typing import Any

from accounts.models import GroupMember, Project, ProjectMember, ResearchGroup, User

LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def make_group(name: str, lead: User, *members: User, **fields: Any) -> ResearchGroup:
    """A group with its leader and members."""
    group = ResearchGroup.objects.create(name=name, lead=lead, **fields)
    GroupMember.objects.bulk_create(
        GroupMember(group=group, user=user, joined_at=LONG_AGO) for user in members
    )
    return group


def make_project(name: str, group: ResearchGroup, *members: User, **fields: Any) -> Project:
    """A project that is valid for the whole year, with its members."""
    plain: dict[str, Any] = {
        "code": f"GRANT-{name}",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
    }
    project = Project.objects.create(name=name, group=group, **{**plain, **fields})
    ProjectMember.objects.bulk_create(
        ProjectMember(project=project, user=user, added_at=LONG_AGO) for user in members
    )
    return project
