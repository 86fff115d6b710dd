"""Invitations: a link that lets one person make one account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.links import INVITATION_LASTS
from accounts.locks import lock_invitation
from accounts.models import Invitation, ResearchGroup, User
from accounts.permissions.people import can_invite
from accounts.services._memberships import add_to_group
from accounts.services._newcomers import make_account, require_person
from accounts.services._refusals import require, require_fields
from accounts.signals import account_told
from audit.services import record
from labitory.lib.db import run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What the invited person says of themselves; the address is the invitation's."""

    username: str
    first_name: str
    last_name: str
    password: str


def create_invitation(
    *, actor: User, email: str, role: Role, group: ResearchGroup | None, now: datetime
) -> Invitation:
    """Invite somebody by mail, to a role below one's own, into a group that one looks after.

    The link works once, for two weeks. Raises AccountRefused.
    """
    require(can_invite(actor, role, group), "invitation")
    invitation = Invitation(
        email=User.objects.normalize_email(email),
        role=role,
        group=group,
        invited_by=actor,
        invited_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    require_fields(invitation, exclude=["group", "invited_by"])

    def work() -> Invitation:
        if User.objects.filter(email__iexact=email).exists():
            raise AccountRefused(
                code="invitation.known",
                text=_("There is an account with this e-mail address already."),
                field="email",
            )
        if _open(now).filter(email__iexact=email, invited_by=actor).exists():
            raise AccountRefused(
                code="invitation.open",
                text=_("You invited this address already: take that back to invite it anew."),
                field="email",
            )
        invitation.save()
        account_told.send(
            sender=Invitation,
            kind="account.invited",
            address=invitation.email,
            now=now,
            facts={
                "invitation": str(invitation.public_id),
                "actor": actor.full_name,
                "group": str(group or "–"),
            },
        )
        record(action="invitation.created", actor=actor, target=invitation, now=now)
        return invitation

    return run_transaction(work)


def withdraw_invitation(*, actor: User, invitation_id: UUID, now: datetime) -> Invitation:
    """Take an invitation back before it is accepted: one's own, or one that one could have made."""

    def work() -> Invitation:
        invitation = lock_invitation(invitation_id)
        is_own = invitation.invited_by_id == actor.pk
        may_too = can_invite(actor, Role(invitation.role), invitation.group)
        require(is_own or may_too, "invitation")
        _require_open(invitation, now)
        invitation.withdrawn_at = now
        invitation.save(update_fields=["withdrawn_at"])
        record(action="invitation.withdrawn", actor=actor, target=invitation, now=now)
        return invitation

    return run_transaction(work)


def accept_invitation(*, invitation_id: UUID, newcomer: Newcomer, now: datetime) -> User:
    """Make the account of an invitation; of two tabs that do so at once, one does.

    Who invited must still be allowed to. Raises Invitation.DoesNotExist and AccountRefused.
    """
    hashed = make_password(newcomer.password)

    def work() -> User:
        invitation = lock_invitation(invitation_id)
        _require_open(invitation, now)
        role, group = Role(invitation.role), invitation.group
        if not can_invite(invitation.invited_by, role, group):
            raise _void()
        user = User(
            username=User.normalize_username(newcomer.username),
            email=invitation.email,
            first_name=newcomer.first_name,
            last_name=newcomer.last_name,
        )
        require_person(user, newcomer.password)
        made = make_account(user, hashed=hashed, group=group, role=role, now=now)
        if group is not None and group.is_active:
            add_to_group(actor=invitation.invited_by, group=group, user=made, now=now)
        invitation.accepted_at, invitation.accepted_by = now, made
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        record(action="invitation.accepted", actor=made, target=invitation, now=now)
        return made

    return run_transaction(work)


def _open(now: datetime) -> "QuerySet[Invitation]":
    return Invitation.objects.filter(expires_at__gt=now, withdrawn_at=None, accepted_at=None)


def _require_open(invitation: Invitation, now: datetime) -> None:
    if invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= now:
        raise _void()


def _void() -> AccountRefused:
    return AccountRefused(
        code="invitation.void",
        text=_("This invitation was used, taken back, or is too old: ask for a new one."),
    )
