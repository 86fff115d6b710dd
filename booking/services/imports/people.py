"""Writing accounts and access."""

from copy import copy
from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User, UserProfile
from accounts.services._sessions import end_sessions
from audit.services import record
from audit.services.security import record_security
from booking.models import ResourceAccess
from booking.services.imports.plan import BadRow, RowOutcome, WantedAccess, WantedUser
from booking.services.imports.writing import Done, Lab, say_changes, set_values


def write_user(lab: Lab, wanted: WantedUser) -> Done:
    """Make an account or bring it up to date; it is known by its user name, else by its address.

    New accounts have no password: their owners choose one by mail. A system administrator's role
    is never taken by an import.
    """
    by_name = lab.users.get(wanted.username.lower())
    by_email = lab.emails.get(wanted.email.lower())
    if by_name is not None and by_email is not None and by_name.pk != by_email.pk:
        raise BadRow(
            _("The address %(email)s belongs to %(user)s.")
            % {"email": wanted.email, "user": by_email.username}
        )
    if by_name is None and by_email is not None:
        raise BadRow(
            _("The address %(email)s belongs to %(user)s: use that user name.")
            % {"email": wanted.email, "user": by_email.username}
        )
    if by_name is None:
        return _make_user(lab, wanted)
    # A copy: what a bad row sets must not reach the rows after it.
    return _change_user(lab, copy(by_name), wanted)


def write_access(lab: Lab, wanted: WantedAccess) -> Done:
    """Let a person in; whoever has access keeps it as it is."""
    user, resource = lab.user(wanted.username), lab.resource(wanted.resource_name)
    access, is_new = ResourceAccess.objects.get_or_create(
        user=user,
        resource=resource,
        defaults={"granted_by": None, "granted_at": wanted.granted_at or lab.now},
    )
    if not is_new:
        return RowOutcome.UNCHANGED, ""
    record(
        action="resource.access_granted",
        actor=lab.actor,
        target=resource,
        now=lab.now,
        changes={"expires_at": (None, access.expires_at)},
        facts={"user": user.full_name, "resource": resource.name},
    )
    return RowOutcome.NEW, ""


def _make_user(lab: Lab, wanted: WantedUser) -> Done:
    if "@" in wanted.username:
        # At login a word with an @ is an address: such a name could never be used.
        raise BadRow(_("A user name cannot contain @."))
    user = User(
        username=wanted.username,
        email=wanted.email,
        role=wanted.role or Role.STUDENT,
        first_name=wanted.first_name or "",
        last_name=wanted.last_name or "",
    )
    user.clean_fields(exclude=["password"])
    UserProfile(affiliation=wanted.affiliation or "").clean_fields(exclude=["user"])
    made = User.objects.create_user(
        wanted.username,
        wanted.email,
        first_name=user.first_name,
        last_name=user.last_name,
        role=user.role,
        is_active=wanted.is_active is not False,
        date_joined=wanted.joined_at or lab.now,
    )
    if wanted.affiliation:
        UserProfile.objects.filter(user=made).update(affiliation=wanted.affiliation)
    record(
        action="user.created",
        actor=lab.actor,
        target=made,
        now=lab.now,
        changes={"email": (None, made.email), "role": (None, made.role)},
    )
    lab.add_user(made)
    return RowOutcome.NEW, Role(made.role).label.lower()


def _end_old_rights(lab: Lab, user: User, changes: dict[str, tuple[Any, Any]]) -> None:
    """Another role, and a closed account, end the sessions that began with what was before."""
    if "role" in changes:
        facts = {"role": str(changes["role"][1]), "before": str(changes["role"][0])}
        record_security(
            kind="user.role_changed", user=user, actor=lab.actor, facts=facts, now=lab.now
        )
        end_sessions(user, why="role", now=lab.now, actor=lab.actor)
    if "is_active" in changes and not user.is_active:
        end_sessions(user, why="deactivation", now=lab.now, actor=lab.actor)


def _change_user(lab: Lab, user: User, wanted: WantedUser) -> Done:
    email = User.objects.normalize_email(wanted.email)
    is_same = email == User.objects.normalize_email(user.email)
    values: dict[str, Any] = {
        "email": None if is_same else email,
        "first_name": wanted.first_name,
        "last_name": wanted.last_name,
        "is_active": wanted.is_active,
        "role": wanted.role if user.role != Role.SYSADMIN else None,
    }
    changes = set_values(user, {name: each for name, each in values.items() if each is not None})
    if changes:
        user.clean_fields(exclude=["password"])
        user.save(update_fields=list(changes))
    if wanted.affiliation is not None:
        profile = UserProfile.objects.get(user=user)
        moved = set_values(profile, {"affiliation": wanted.affiliation})
        if moved:
            profile.clean_fields()
            profile.save(update_fields=["affiliation"])
            changes |= moved
    if not changes:
        return RowOutcome.UNCHANGED, ""
    _end_old_rights(lab, user, changes)
    record(action="user.changed", actor=lab.actor, target=user, now=lab.now, changes=changes)
    if "email" in changes:
        lab.emails.pop(changes["email"][0].lower(), None)
    lab.add_user(user)
    return RowOutcome.CHANGED, say_changes(changes)
