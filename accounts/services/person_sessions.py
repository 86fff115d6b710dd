"""Ending the sessions of somebody else, for those who look after accounts."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.errors import AccountRefused
from accounts.locks import lock_user
from accounts.models import Session, User
from accounts.permissions.sessions import can_end_sessions
from accounts.services._sessions import end_keys, end_sessions
from accounts.signals import account_told
from audit.services import record
from audit.services.security import record_security
from labitory.lib.agents import say_agent
from labitory.lib.db import run_transaction


def end_session_of(*, actor: User, user: User, public_id: UUID, reason: str, now: datetime) -> None:
    """End one session of somebody else; they are told who did it and why."""

    def work() -> None:
        person = _locked(actor, user)
        row = Session.objects.filter(user=person, public_id=public_id).first()
        if row is None:
            raise _gone()
        end_keys([row.session_key])
        device = say_agent(row.agent)
        record(
            action="user.session_ended_for",
            actor=actor,
            target=person,
            now=now,
            reason=reason,
            facts={"device": device},
        )
        record_security(
            kind="session.ended",
            user=person,
            actor=actor,
            facts={"why": "manager", "count": 1, "device": device, "from": row.address},
            now=now,
        )
        _tell(actor, person, reason, now)

    run_transaction(work)


def end_sessions_of(*, actor: User, user: User, reason: str, now: datetime) -> int:
    """End all sessions of somebody else; gives how many. They are told who did it and why."""

    def work() -> int:
        person = _locked(actor, user)
        count = end_sessions(person, why="manager", now=now, actor=actor)
        if not count:
            raise _gone()
        record(
            action="user.sessions_ended_for",
            actor=actor,
            target=person,
            now=now,
            reason=reason,
            facts={"count": count},
        )
        _tell(actor, person, reason, now)
        return count

    return run_transaction(work)


def _locked(actor: User, user: User) -> User:
    """The person as they stand now: they may have been given more meanwhile."""
    person = lock_user(user.pk)
    if not can_end_sessions(actor, person):
        raise AccountRefused(
            code="permission.end_sessions", text=_("You may not end sessions of this person.")
        )
    return person


def _tell(actor: User, user: User, reason: str, now: datetime) -> None:
    facts = {"actor": actor.full_name, "reason": reason}
    account_told.send(
        sender=User, kind="account.sessions_ended", user_pk=user.pk, now=now, facts=facts
    )


def _gone() -> AccountRefused:
    return AccountRefused(code="session.gone", text=_("This session has ended already."))
