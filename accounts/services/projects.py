"""Projects of a group: what work is charged to, for how long, and by whom."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import AccountRefused
from accounts.locks import lock_group, lock_project
from accounts.models import PriceClass, Project, ProjectMember, User
from accounts.permissions.groups import can_change_project, can_manage_group, can_run_project
from accounts.services._refusals import Known, naming_what_is_taken, require, require_fields
from audit.services import record
from labitory.lib.db import run_transaction

_TAKEN: Known = {
    "accounts_project_code_key": (
        "project.code_taken",
        gettext_lazy("There is a project with this account code already."),
        "code",
    ),
    "project_name_unique": (
        "project.name_taken",
        gettext_lazy("The group has a project of this name already."),
        "name",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDetails:
    """What is said of a project; without a last day it goes on, without a price class it is the
    group's."""

    name: str
    code: str
    starts_on: date
    ends_on: date | None = None
    price_class: PriceClass | None = None


def create_project(
    *, actor: User, group_id: UUID, details: ProjectDetails, now: datetime
) -> Project:
    """Add a project to a group. Raises ResearchGroup.DoesNotExist and AccountRefused."""

    def work() -> Project:
        group = lock_group(group_id)
        require(can_manage_group(actor, group), "project")
        if not group.is_active:
            raise AccountRefused(
                code="group.closed", text=_("%(group)s is closed.") % {"group": group}
            )
        project = Project(group=group, **_values(details))
        require_fields(project, exclude=["group", "price_class"])
        with naming_what_is_taken(_TAKEN):
            project.save()
        record(
            action="project.created",
            actor=actor,
            target=project,
            now=now,
            facts={"group": group.name},
        )
        return project

    return run_transaction(work)


def change_project(
    *, actor: User, project_id: UUID, details: ProjectDetails, now: datetime
) -> Project:
    """Change name, account code, validity or price class. Raises Project.DoesNotExist."""

    def work() -> Project:
        project = lock_project(project_id)
        require(can_change_project(actor, project), "project")
        wanted = _values(details)
        changes = {
            name: (getattr(project, name), value)
            for name, value in wanted.items()
            if getattr(project, name) != value
        }
        if not changes:
            return project
        for name, value in wanted.items():
            setattr(project, name, value)
        require_fields(project, exclude=["group", "price_class"])
        with naming_what_is_taken(_TAKEN):
            project.save(update_fields=list(wanted))
        record(action="project.changed", actor=actor, target=project, now=now, changes=changes)
        return project

    return run_transaction(work)


def close_project(*, actor: User, project_id: UUID, now: datetime, reason: str = "") -> Project:
    """Close a project: no more bookings are charged to it; those that stand keep it."""
    return _set_active(actor, project_id, now, active=False, reason=reason)


def reopen_project(*, actor: User, project_id: UUID, now: datetime) -> Project:
    """Open a closed project again."""
    return _set_active(actor, project_id, now, active=True)


def add_project_member(
    *, actor: User, project_id: UUID, user: User, now: datetime
) -> ProjectMember:
    """Let a person charge work to the project; they need not be in its group."""

    def work() -> ProjectMember:
        project = lock_project(project_id)
        require(can_run_project(actor, project), "project")
        if not user.is_active:
            raise AccountRefused(
                code="user.closed",
                text=_("The account of %(user)s is closed.") % {"user": user},
                field="user",
            )
        member, is_new = ProjectMember.objects.get_or_create(
            project=project, user=user, defaults={"added_at": now}
        )
        if is_new:
            _keep_member(project, "project.member_added", actor, user, now)
        return member

    return run_transaction(work)


def remove_project_member(*, actor: User, project_id: UUID, user: User, now: datetime) -> None:
    """Let a person charge nothing more to the project; their bookings keep it."""

    def work() -> None:
        project = lock_project(project_id)
        require(can_run_project(actor, project), "project")
        gone, _rows = ProjectMember.objects.filter(project=project, user=user).delete()
        if not gone:
            raise AccountRefused(
                code="project.no_member",
                text=_("%(user)s is not in this project.") % {"user": user},
            )
        _keep_member(project, "project.member_removed", actor, user, now)

    run_transaction(work)


def _values(details: ProjectDetails) -> dict[str, Any]:
    if details.ends_on is not None and details.ends_on < details.starts_on:
        raise AccountRefused(
            code="project.period", text=_("It ends before it begins."), field="ends_on"
        )
    return {
        "name": details.name,
        "code": details.code,
        "starts_on": details.starts_on,
        "ends_on": details.ends_on,
        "price_class": details.price_class,
    }


def _set_active(
    actor: User, project_id: UUID, now: datetime, *, active: bool, reason: str = ""
) -> Project:
    def work() -> Project:
        project = lock_project(project_id)
        require(can_change_project(actor, project), "project")
        if project.is_active == active:
            return project
        project.is_active = active
        project.save(update_fields=["is_active"])
        record(
            action="project.opened" if active else "project.closed",
            actor=actor,
            target=project,
            now=now,
            changes={"is_active": (not active, active)},
            reason=reason,
        )
        return project

    return run_transaction(work)


def _keep_member(project: Project, action: str, actor: User, user: User, now: datetime) -> None:
    record(action=action, actor=actor, target=project, now=now, facts={"user": user.full_name})
