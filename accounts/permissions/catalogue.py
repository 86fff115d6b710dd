"""Every permission: its code, its words, and the least standing role that brings it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One thing that somebody may do, `noun.verb`.

    `least` is the lowest role that has it everywhere; None means by a granted role only. A
    `scoped` one may be granted for a unit, a resource type or a resource.
    """

    code: str
    words: "str | Promise"
    least: Role | None
    scoped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltinRole:
    """A role that comes with the product: written to the database after each migration."""

    code: str
    name: "str | Promise"
    description: "str | Promise"
    permissions: frozenset[str]


_declared: dict[str, Permission] = {}
_builtin: dict[str, BuiltinRole] = {}


def declare(*permissions: Permission) -> None:
    """Add the permissions of an app; each code is declared once."""
    for permission in permissions:
        if permission.code in _declared:
            raise ValueError(f"permission {permission.code} is declared twice")
        _declared[permission.code] = permission


def permissions() -> Mapping[str, Permission]:
    """All declared permissions by code."""
    return _declared


def declare_role(*roles: BuiltinRole) -> None:
    """Add the roles that an app brings; each code is declared once, of declared permissions."""
    for role in roles:
        if role.code in _builtin:
            raise ValueError(f"role {role.code} is declared twice")
        if unknown := role.permissions - _declared.keys():
            raise ValueError(f"role {role.code} has unknown permissions: {sorted(unknown)}")
        _builtin[role.code] = role


def builtin_roles() -> Mapping[str, BuiltinRole]:
    """All roles that come with the product, by code."""
    return _builtin


def standing_permissions(role: Role) -> list[Permission]:
    """What a standing role brings everywhere."""
    return [
        each
        for each in _declared.values()
        if each.least is not None and role.rank >= each.least.rank
    ]


declare(
    Permission(
        code="user.create", words=_("make accounts below one's own role"), least=Role.LAB_MANAGER
    ),
    Permission(
        code="user.manage", words=_("change, close and reopen accounts"), least=Role.SYSADMIN
    ),
    Permission(code="user.approve", words=_("decide on registrations"), least=Role.LAB_MANAGER),
    Permission(
        code="user.view_personal", words=_("see contact data of others"), least=Role.LAB_MANAGER
    ),
    Permission(
        code="user.view_as",
        words=_("look at the pages as another person sees them"),
        least=Role.LAB_MANAGER,
    ),
    Permission(
        code="user.end_sessions",
        words=_("see where people who may no more are logged in, and end their sessions"),
        least=Role.LAB_MANAGER,
    ),
    Permission(
        code="role.grant",
        words=_("grant roles one holds oneself"),
        least=Role.LAB_MANAGER,
        scoped=True,
    ),
    Permission(code="role.define", words=_("compose roles of permissions"), least=Role.SYSADMIN),
    Permission(
        code="unit.manage",
        words=_("edit the organisation and its price classes"),
        least=Role.SYSADMIN,
    ),
    Permission(
        code="group.manage",
        words=_("make and edit research groups and projects"),
        least=Role.LAB_MANAGER,
        scoped=True,
    ),
    Permission(
        code="security.view", words=_("see security events and alerts"), least=Role.SYSADMIN
    ),
    Permission(
        code="security.manage",
        words=_("unlock accounts, reset second factors, set security rules"),
        least=Role.SYSADMIN,
    ),
    Permission(
        code="privacy.manage",
        words=_("answer privacy requests, set retention"),
        least=Role.SYSADMIN,
    ),
    Permission(code="audit.view", words=_("read the audit log"), least=Role.SYSADMIN),
    Permission(code="admin.enter", words=_("enter the administration"), least=Role.SYSADMIN),
    Permission(
        code="system.manage",
        words=_("see and change in the administration what has no permission of its own"),
        least=Role.SYSADMIN,
    ),
)
declare_role(
    BuiltinRole(
        code="people-manager",
        name=_("People manager"),
        description=_("Makes accounts, decides on registrations, looks after groups."),
        permissions=frozenset(
            {
                "user.create",
                "user.approve",
                "user.view_personal",
                "user.end_sessions",
                "group.manage",
            }
        ),
    ),
    BuiltinRole(
        code="auditor",
        name=_("Auditor"),
        description=_("Reads the audit log and the security events, changes nothing."),
        permissions=frozenset({"audit.view", "security.view"}),
    ),
)
