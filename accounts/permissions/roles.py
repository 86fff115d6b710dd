"""Who may grant, take away and compose roles: nobody gives what they do not hold themselves."""

from collections.abc import Iterable
from datetime import datetime

from accounts.enums import Role, ScopeKind
from accounts.models import RoleDefinition, RoleGrant, User
from accounts.permissions.catalogue import Permission, permissions, standing_permissions
from accounts.permissions.grants import Where, granted, has_by_standing, may, places


def effective_permissions(codes: Iterable[str], kind: ScopeKind) -> list[Permission]:
    """What a role's permissions bring when granted so; some know no places, old ones are gone."""
    known = (permissions().get(code) for code in codes)
    return [
        each for each in known if each is not None and (each.scoped or kind == ScopeKind.EVERYWHERE)
    ]


def holds_all(user: User, wanted: Iterable[Permission], where: Where | None) -> bool:
    """Whether the person has every one of these permissions there."""
    return all(may(user, each.code, where) for each in wanted)


def can_open_roles(user: User) -> bool:
    """Who may grant roles anywhere, or compose them, sees who holds which."""
    return bool(places(user, "role.grant")) or can_define_roles(user)


def can_define_roles(user: User) -> bool:
    """Who composes roles of permissions."""
    return may(user, "role.define")


def can_compose(user: User, codes: Iterable[str]) -> bool:
    """A role is composed of what its maker holds everywhere: more would be a way to get it."""
    return can_define_roles(user) and holds_all(user, (permissions()[code] for code in codes), None)


def can_give_role(actor: User, role: RoleDefinition, kind: ScopeKind, where: Where | None) -> bool:
    """Who may grant roles there and holds all that this one brings there."""
    return may(actor, "role.grant", where) and holds_all(
        actor, effective_permissions(role.permissions, kind), where
    )


def can_grant_role(
    actor: User, user: User, role: RoleDefinition, kind: ScopeKind, where: Where | None
) -> bool:
    """Give a role to somebody else; never to oneself."""
    return actor.pk != user.pk and can_give_role(actor, role, kind, where)


def can_revoke_role(actor: User, grant: RoleGrant, where: Where | None) -> bool:
    """Who could have granted it takes it away, and everybody may give up their own.

    A grant whose place is gone gives nothing: who may grant roles everywhere clears it away.
    """
    return actor.is_active and (
        actor.pk == grant.user_id
        or can_give_role(actor, grant.role, ScopeKind(grant.scope_kind), where)
    )


def held_until(user: User, wanted: Iterable[Permission], where: Where | None) -> datetime | None:
    """Until when the person has all of these there; None when no end is set.

    Ask `holds_all` first.
    """
    ends = []
    for permission in wanted:
        if has_by_standing(user, permission):
            continue
        own = [
            each.expires_at
            for each in granted(user)
            if each.gives(permission) and each.covers(where)
        ]
        limited = [end for end in own if end is not None]
        if len(limited) == len(own) and limited:
            ends.append(max(limited))
    return min(ends, default=None)


def outranks(actor: User, role: Role) -> bool:
    """Whether the actor has everything that the standing role brings."""
    return holds_all(actor, standing_permissions(role), None)


def can_view_as(actor: User, user: User) -> bool:
    """Who may look at pages as others does so as people who may nothing that they may not.

    Never as a superuser, a system administrator, or oneself.
    """
    if actor.pk == user.pk or not user.is_active or user.is_superuser:
        return False
    if user.role == Role.SYSADMIN or not may(actor, "user.view_as"):
        return False
    return reaches(actor, user)


def reaches(actor: User, user: User) -> bool:
    """Whether the other may nothing that the actor may not, by standing or by granted roles.

    Who takes over an account, by a password or an address, has all that it may.
    """
    return outranks(actor, Role(user.role)) and all(
        may(actor, code, where) for code in permissions() for where in _held_places(user, code)
    )


def _held_places(user: User, code: str) -> list[Where | None]:
    """The places in which somebody was granted a permission, each as a question to another."""
    held = places(user, code)
    if held.everywhere:
        return [None]
    return [
        *(Where(unit_id=key) for key in held.unit_ids),
        *(Where(type_id=key) for key in held.type_ids),
        *(Where(resource_id=key) for key in held.resource_ids),
    ]
