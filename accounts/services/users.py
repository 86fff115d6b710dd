"""Accounts: making them, changing profiles, giving roles, closing."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.locks import lock_user
from accounts.models import User, UserPreferences, UserProfile
from accounts.permissions import (
    can_change_profile,
    can_create_user,
    can_deactivate_user,
    can_set_role,
)
from accounts.services._closing import write_active
from accounts.services._consents import note_contact_consent
from accounts.services._sessions import end_sessions
from audit.services import record
from audit.services.security import record_security
from labitory.lib.db import constraint_of, run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A person to make an account for; without a password they set one by mail."""

    username: str
    email: str
    role: Role = Role.STUDENT
    first_name: str = ""
    last_name: str = ""
    affiliation: str = ""
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """All that people may change about themselves; role, user name and address are not in it."""

    first_name: str
    last_name: str
    phone: str
    affiliation: str
    time_zone: str
    date_format: str
    time_format: str
    theme: str
    language: str
    show_name: bool
    emergency_contact: str = ""


def create_user(*, actor: User | None, new: NewUser, now: datetime) -> User:
    """Make an account. Lab managers make those below their own role, system administrators all.

    `actor` is None for an import or a command. Raises AccountRefused with the field at fault.
    """
    if actor is not None and not can_create_user(actor, new.role):
        raise AccountRefused(
            code="user.create", text=_("You may not make an account with this role."), field="role"
        )
    _require_valid(new)

    def work() -> User:
        user = User.objects.create_user(
            new.username,
            new.email,
            new.password,
            first_name=new.first_name,
            last_name=new.last_name,
            role=new.role,
            date_joined=now,
        )
        UserProfile.objects.filter(user=user).update(affiliation=new.affiliation)
        record(
            action="user.created",
            actor=actor,
            target=user,
            now=now,
            changes={"email": (None, user.email), "role": (None, user.role)},
        )
        return user

    return _naming_what_is_taken(lambda: run_transaction(work))


def change_profile(*, actor: User, user: User, change: ProfileChange, now: datetime) -> None:
    """Write names, contact and preferences. Nothing else of an account can be changed this way."""
    if not can_change_profile(actor, user):
        raise AccountRefused(code="user.profile", text=_("You may change only your own profile."))

    def work() -> None:
        parts = (
            lock_user(user.pk),
            UserProfile.objects.get(user=user),
            UserPreferences.objects.get(user=user),
        )
        changes: dict[str, tuple[Any, Any]] = {}
        for part in parts:
            changes |= _write(part, change)
        if actor.pk == user.pk:
            is_given = bool(parts[1].phone or parts[1].emergency_contact)
            note_contact_consent(user, given=is_given, now=now)
        if changes:
            record(action="user.changed", actor=actor, target=parts[0], now=now, changes=changes)

    run_transaction(work)


def set_role(*, actor: User, user: User, role: Role, now: datetime) -> None:
    """Give a role. System administrators do; nobody changes their own."""
    if not can_set_role(actor, user, role):
        raise AccountRefused(
            code="user.role",
            text=_("Only another system administrator can change this role."),
            field="role",
        )

    def work() -> None:
        found = lock_user(user.pk)
        before = found.role
        if before == role:
            return
        found.role = role
        # A superuser is a system administrator, and stops being one with the role.
        found.is_superuser = found.is_superuser and role == Role.SYSADMIN
        found.save(update_fields=["role", "is_superuser"])
        end_sessions(found, why="role", now=now, actor=actor)
        record(
            action="user.role_changed",
            actor=actor,
            target=found,
            now=now,
            changes={"role": (before, role)},
        )
        record_security(
            kind="user.role_changed",
            user=found,
            actor=actor,
            facts={"role": str(role), "before": before},
            now=now,
        )

    run_transaction(work)


def deactivate_user(*, actor: User, user: User, now: datetime, reason: str = "") -> None:
    """Close an account: no more logging in, and open sessions end. Nothing is deleted."""
    _set_active(actor=actor, user=user, active=False, now=now, reason=reason)


def reactivate_user(*, actor: User, user: User, now: datetime, reason: str = "") -> None:
    """Open a closed account again."""
    _set_active(actor=actor, user=user, active=True, now=now, reason=reason)


def _set_active(*, actor: User, user: User, active: bool, now: datetime, reason: str) -> None:
    if not can_deactivate_user(actor, user):
        raise AccountRefused(
            code="user.deactivate",
            text=_("Only another system administrator can close or reopen this account."),
        )

    def work() -> None:
        found = lock_user(user.pk)
        write_active(found, active=active, actor=actor, now=now, reason=reason)

    run_transaction(work)


def _write(part: Any, change: ProfileChange) -> dict[str, tuple[Any, Any]]:  # noqa: ANN401 - a model
    """Write those fields of the change that this row has; give what differs."""
    own = {field.name for field in part._meta.concrete_fields}
    changes: dict[str, tuple[Any, Any]] = {}
    for name in (field.name for field in fields(change) if field.name in own):
        before, after = getattr(part, name), getattr(change, name)
        if before != after:
            setattr(part, name, after)
            changes[name] = (before, after)
    if changes:
        part.save(update_fields=list(changes))
    return changes


def _require_valid(new: NewUser) -> None:
    """Refuse what the fields do not allow, naming the first of them."""
    if "@" in new.username:
        # At login a word with an @ is an address: such a name could never be used.
        text = _("A user name cannot contain @.")
        raise AccountRefused(code="user.username_at", text=text, field="username")
    user = User(
        username=new.username,
        email=new.email,
        role=new.role,
        first_name=new.first_name,
        last_name=new.last_name,
    )
    try:
        user.clean_fields(exclude=["password"])
        UserProfile(affiliation=new.affiliation).clean_fields(exclude=["user"])
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise AccountRefused(code="user.invalid", text=texts[0], field=field) from error


def _naming_what_is_taken(work: Callable[[], User]) -> User:
    """Run the work; a broken uniqueness is told by the name of the field."""
    try:
        return work()
    except IntegrityError as error:
        broken = constraint_of(error)
        if broken == "user_email_unique":
            text = _("There is an account with this e-mail address already.")
            raise AccountRefused(code="user.email_taken", text=text, field="email") from error
        if broken == "user_username_unique":
            text = _("There is an account with this user name already.")
            raise AccountRefused(code="user.username_taken", text=text, field="username") from error
        raise
