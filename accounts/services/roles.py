"""Roles: composing them of permissions, granting them somewhere for a time, taking them away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import ScopeKind
from accounts.errors import AccountRefused
from accounts.locks import lock_expired_grants, lock_role, lock_users
from accounts.models import RoleDefinition, RoleGrant, User
from accounts.permissions.catalogue import builtin_roles, permissions
from accounts.permissions.grants import Where
from accounts.permissions.roles import (
    can_compose,
    can_define_roles,
    can_grant_role,
    can_revoke_role,
    effective_permissions,
    held_until,
)
from accounts.permissions.scopes import say_place, where_is
from accounts.services._refusals import Known, naming_what_is_taken, require_fields
from accounts.services._sessions import end_sessions
from accounts.signals import account_told
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.db import run_transaction

_TAKEN: Known = {
    "accounts_roledefinition_code_key": (
        "role.name_taken",
        gettext_lazy("There is a role of this name already."),
        "name",
    )
}

# What the person is told of each act.
_MAILS = {
    "role.granted": "account.role_granted",
    "role.revoked": "account.role_revoked",
    "role.expired": "account.role_expired",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDetails:
    """What is said of a role, and the codes of what it brings."""

    name: str
    description: str = ""
    permissions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGrant:
    """A role for a person: everywhere, or in the place of that kind and key, until a moment."""

    user_id: UUID
    role_id: UUID
    kind: ScopeKind = ScopeKind.EVERYWHERE
    key: int | None = None
    expires_at: datetime | None = None
    reason: str = ""


def grant_role(*, actor: User | None, new: NewGrant, now: datetime) -> RoleGrant:
    """Give a role to somebody, there, until then; granting it anew renews it.

    Nobody grants what they do not hold there themselves, or for longer, or to themselves. `actor`
    is None for a command. Raises `User.DoesNotExist`, `RoleDefinition.DoesNotExist` and
    AccountRefused with the field at fault.
    """

    def work() -> RoleGrant:
        role = lock_role(new.role_id)
        user = User.objects.get(public_id=new.user_id)
        # Whoever changes what either of them holds waits: their rights are those of this moment.
        people = {each.pk: each for each in lock_users({user.pk, actor.pk if actor else user.pk})}
        user = people[user.pk]
        where = _require_sensible(user, role, new, now)
        if actor is not None:
            _require_may_grant(people[actor.pk], user, role, new, where)
        grant = _write_grant(actor, user, role, new, now)
        end_sessions(user, why="role", now=now, actor=actor)
        return grant

    return run_transaction(work)


def revoke_role(*, actor: User | None, grant_id: UUID, now: datetime, reason: str = "") -> None:
    """Take a granted role away; it stops at once. Everybody may give up their own.

    Raises `RoleGrant.DoesNotExist` and AccountRefused.
    """

    def work() -> None:
        found = RoleGrant.objects.values_list("user_id", flat=True).get(public_id=grant_id)
        people = {each.pk: each for each in lock_users({found, actor.pk if actor else found})}
        grant = RoleGrant.objects.select_related("role", "user").get(public_id=grant_id)
        where = where_is(ScopeKind(grant.scope_kind), grant.scope_id)
        if actor is not None and not can_revoke_role(people[actor.pk], grant, where):
            raise AccountRefused(
                code="permission.role_grant",
                text=_("Only who could have granted this role takes it away."),
            )
        _end_grant(grant, "role.revoked", actor, now, reason)
        # Whoever gives up a role of their own need not log in again for that.
        if actor is None or actor.pk != grant.user_id:
            end_sessions(grant.user, why="role", now=now, actor=actor)

    run_transaction(work)


def remove_expired_grants(*, now: datetime) -> int:
    """Tell people whose granted roles have ended, and clear these away; they count no longer."""

    def work() -> int:
        ended = lock_expired_grants(now=now)
        for grant in ended:
            _end_grant(grant, "role.expired", None, now, "")
        return len(ended)

    return run_transaction(work)


def define_role(*, actor: User, details: RoleDetails, now: datetime) -> RoleDefinition:
    """Compose a role of permissions that one holds everywhere. AccountRefused names the field."""
    _require_may_compose(actor, details.permissions)

    def work() -> RoleDefinition:
        role = RoleDefinition(
            code=slugify(details.name)[:40].strip("-") or "role",
            name=details.name.strip(),
            description=details.description.strip(),
            permissions=sorted(details.permissions),
        )
        require_fields(role, exclude=["permissions"])
        with naming_what_is_taken(_TAKEN):
            role.save(force_insert=True)
        facts = {"permissions": role.permissions}
        record(action="role.defined", actor=actor, target=role, now=now, facts=facts)
        return role

    return run_transaction(work)


def change_role(
    *, actor: User, role_id: UUID, details: RoleDetails, now: datetime
) -> RoleDefinition:
    """Change what a role brings, for everybody who holds it. Those of the product stay as they are.

    Raises `RoleDefinition.DoesNotExist` and AccountRefused.
    """

    def work() -> RoleDefinition:
        role = _own_role(role_id)
        known = set(role.permissions) & permissions().keys()
        _require_may_compose(actor, known | details.permissions)
        changes: dict[str, tuple[Any, Any]] = {}
        for name, value in (
            ("name", details.name.strip()),
            ("description", details.description.strip()),
            ("permissions", sorted(details.permissions)),
        ):
            changes[name] = (getattr(role, name), value)
            setattr(role, name, value)
        require_fields(role, exclude=["permissions"])
        role.save(update_fields=["name", "description", "permissions"])
        record(action="role.changed", actor=actor, target=role, now=now, changes=changes)
        return role

    return run_transaction(work)


def delete_role(*, actor: User, role_id: UUID, now: datetime) -> None:
    """Delete a role that nobody holds. Raises `RoleDefinition.DoesNotExist`, AccountRefused."""

    def work() -> None:
        role = _own_role(role_id)
        _require_may_compose(actor, ())
        if role.grants.exists():
            text = _("People hold this role: take it from them first.")
            raise AccountRefused(code="role.held", text=text)
        record(action="role.deleted", actor=actor, target=role, now=now)
        role.delete()

    run_transaction(work)


def write_builtin_roles() -> None:
    """Bring the roles of the product up to date; own roles are not touched.

    One that the product no longer has stays as an own role, for those who hold it.
    """

    def work() -> None:
        RoleDefinition.objects.filter(is_builtin=True).exclude(code__in=builtin_roles()).update(
            is_builtin=False
        )
        with translation.override("en"):
            for role in builtin_roles().values():
                RoleDefinition.objects.update_or_create(
                    code=role.code,
                    defaults={
                        "name": str(role.name),
                        "description": str(role.description),
                        "permissions": sorted(role.permissions),
                        "is_builtin": True,
                    },
                )

    run_transaction(work)


def _require_sensible(
    user: User, role: RoleDefinition, new: NewGrant, now: datetime
) -> Where | None:
    """Refuse what nobody may grant; gives the place."""
    if not user.is_active:
        text = _("This account is closed.")
        raise AccountRefused(code="role.inactive", text=text, field="user")
    if new.expires_at is not None and new.expires_at <= now:
        text = _("The end has passed: choose a later day, or leave it empty.")
        raise AccountRefused(code="role.past", text=text, field="expires_at")
    if not effective_permissions(role.permissions, new.kind):
        text = _("This role counts only everywhere.")
        raise AccountRefused(code="role.unscoped", text=text, field="place")
    if new.kind == ScopeKind.EVERYWHERE:
        if new.key is not None:
            raise ValueError("a role for everywhere has no key")
        return None
    where = where_is(new.kind, new.key)
    if where is None:
        text = _("There is no such place. Choose one from the list.")
        raise AccountRefused(code="role.place", text=text, field="place")
    return where


def _require_may_grant(
    actor: User, user: User, role: RoleDefinition, new: NewGrant, where: Where | None
) -> None:
    if actor.pk == user.pk:
        text = _("Nobody grants roles to themselves.")
        raise AccountRefused(code="role.self", text=text, field="user")
    if not can_grant_role(actor, user, role, new.kind, where):
        text = _("You can grant only what you may do there yourself.")
        raise AccountRefused(code="role.not_held", text=text, field="role")
    brings = [permissions()["role.grant"], *effective_permissions(role.permissions, new.kind)]
    until = held_until(actor, brings, where)
    if until is not None and (new.expires_at is None or new.expires_at > until):
        text = _("Your own role ends before that: choose an earlier end.")
        raise AccountRefused(code="role.outlasts", text=text, field="expires_at")


def _write_grant(
    actor: User | None, user: User, role: RoleDefinition, new: NewGrant, now: datetime
) -> RoleGrant:
    scope: dict[str, Any] = {
        "user": user,
        "role": role,
        "scope_kind": new.kind,
        "scope_id": new.key,
    }
    old = RoleGrant.objects.filter(**scope).first()
    grant, _made = RoleGrant.objects.update_or_create(
        **scope,
        defaults={
            "granted_by": actor,
            "granted_at": now,
            "expires_at": new.expires_at,
            "reason": new.reason.strip()[:300],
        },
    )
    changes = {"expires_at": (old.expires_at if old else None, new.expires_at)}
    _tell(grant, "role.granted", actor, now, reason=grant.reason, changes=changes)
    return grant


def _end_grant(
    grant: RoleGrant, action: str, actor: User | None, now: datetime, reason: str
) -> None:
    _tell(grant, action, actor, now, reason=reason.strip()[:300])
    grant.delete()


def _tell(
    grant: RoleGrant,
    action: str,
    actor: User | None,
    now: datetime,
    *,
    reason: str,
    changes: dict[str, tuple[Any, Any]] | None = None,
) -> None:
    """Audit, security event and the word to the person, of one change of what they hold."""
    facts = {
        "user": grant.user.full_name,
        "role": grant.role.name,
        "where": say_place(ScopeKind(grant.scope_kind), grant.scope_id),
    }
    record(
        action=action,
        actor=actor,
        target=grant.user,
        now=now,
        reason=reason,
        facts=facts,
        changes=changes,
    )
    record_security(
        kind=action, severity=Severity.NOTICE, user=grant.user, actor=actor, facts=facts, now=now
    )
    account_told.send(
        sender=User,
        kind=_MAILS[action],
        user_pk=grant.user_id,
        now=now,
        facts=facts,
    )


def _own_role(role_id: UUID) -> RoleDefinition:
    role = lock_role(role_id)
    if role.is_builtin:
        text = _("This role comes with the product and cannot be changed. Make one of your own.")
        raise AccountRefused(code="role.builtin", text=text)
    return role


def _require_may_compose(actor: User, codes: Iterable[str]) -> None:
    wanted = set(codes)
    if not can_define_roles(actor):
        text = _("Only system administrators compose roles.")
        raise AccountRefused(code="permission.role_define", text=text)
    if wanted - permissions().keys():
        text = _("Choose permissions from the list.")
        raise AccountRefused(code="role.unknown_permission", text=text, field="permissions")
    if not can_compose(actor, wanted):
        text = _("A role is composed of what you may do everywhere yourself.")
        raise AccountRefused(code="role.not_held", text=text, field="permissions")
