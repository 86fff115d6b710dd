"""Logging in and out, and the sessions of a person."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.errors import AccountRefused
from accounts.models import Session, TrustedDevice, User
from accounts.queries.devices import device_tokens, known_device
from accounts.queries.factors import has_factor
from accounts.queries.sessions import KEPT_FORM, PENDING
from accounts.services._sessions import OWN_BACKEND, end_keys, end_sessions, enter
from accounts.session_store import about, write_about
from accounts.wall import run_as
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.crypto import encrypt
from labitory.lib.db import run_transaction
from labitory.lib.http import client_address, client_agent, client_country


def begin_login(
    *, request: HttpRequest, user: User, now: datetime, factor_shown: bool = False
) -> bool:
    """Go on after the right password: gives whether the person is logged in by it.

    Who has a second factor is not, unless this browser is trusted or a trusted provider has seen
    one (`factor_shown`): the session then only knows whose password was right, for a few minutes
    (`accounts.queries.sessions.pending_user`).
    """

    def work() -> bool:
        device = known_device(user, device_tokens(request), now)
        trusted = device is not None and not device.asks_factor
        may_enter = trusted or factor_shown or not has_factor(user)
        if may_enter:
            enter(request, user, now)
        return may_enter

    if run_as(user.pk, work):
        return True
    # A key that somebody planted before must not become the key of this login.
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "backend": getattr(user, "backend", OWN_BACKEND),
        "at": now.isoformat(),
    }
    return False


def record_token_given(*, user: User, now: datetime) -> None:
    """Keep that a program was given tokens under a user's name and password."""

    def work() -> None:
        user.last_login = now
        user.save(update_fields=["last_login"])
        record(action="user.token_given", actor=user, target=user, now=now)
        record_security(kind="token.given", severity=Severity.INFO, user=user, actor=user, now=now)

    run_transaction(work)


def log_out(*, request: HttpRequest, now: datetime) -> None:
    """End the session; a visitor's is simply emptied."""
    user = request.user

    def work() -> None:
        if isinstance(user, User):
            record(action="user.logged_out", actor=user, target=user, now=now)
        logout(request)

    run_transaction(work)


def note_use(*, request: HttpRequest, now: datetime) -> bool:
    """Keep that the session is in use; gives whether it still is one.

    A session that was ended elsewhere while Redis could not be told is found out here.
    """
    known = about(request.session)
    if known is not None:
        seen = known.seen(
            now=now,
            address=client_address(request),
            country=client_country(request),
            agent=client_agent(request),
        )
        write_about(request.session, seen)
    try:
        request.session.save()
    except UpdateError:
        logout(request)
        return False
    # Saved already: the answer need not do it again.
    request.session.modified = False
    return True


def end_overdue(
    *, request: HttpRequest, why: str, form: Mapping[str, Any] | None, now: datetime
) -> None:
    """End a session that lay unused too long (`idle`) or is too old (`age`).

    `form` is what the person had just sent: it waits in the browser's new session, for them alone.
    """
    user = request.user

    def work() -> None:
        record_security(
            kind="session.expired",
            severity=Severity.INFO,
            user=user,
            actor=user,
            facts={"why": why},
            now=now,
        )
        logout(request)

    run_transaction(work)
    if form is not None:
        keep_form(request=request, form=form, now=now, owner_id=user.pk)


def keep_form(
    *, request: HttpRequest, form: Mapping[str, Any], now: datetime, owner_id: int | None = None
) -> None:
    """Let a form wait in the session of a visitor until somebody has logged in there.

    Where it is known whose it is, nobody else gets to see it. It lies there encrypted: it may hold
    what the database keeps encrypted elsewhere.
    """
    sealed = encrypt(json.dumps(form), context=KEPT_FORM)
    request.session[KEPT_FORM] = {"user": owner_id, "at": now.isoformat(), "form": sealed}


def end_session(*, user: User, public_id: UUID, now: datetime) -> None:
    """End one of one's own sessions, on whatever device; it is refused at its next request."""

    def work() -> None:
        row = Session.objects.filter(user=user, public_id=public_id).first()
        if row is None:
            raise AccountRefused(code="session.gone", text=_("This session has ended already."))
        end_keys([row.session_key])
        record(action="user.session_ended", actor=user, target=user, now=now)
        record_security(
            kind="session.ended",
            severity=Severity.NOTICE,
            user=user,
            actor=user,
            facts={"why": "chosen", "count": 1, "device": row.agent, "from": row.address},
            now=now,
        )

    run_transaction(work)


def end_other_sessions(*, user: User, keep: str | None, now: datetime) -> int:
    """End all of one's own sessions but the one whose key is `keep`; gives how many."""

    def work() -> int:
        ended = end_sessions(user, why="chosen", now=now, actor=user, keep=keep)
        if ended:
            facts = {"count": ended}
            record(action="user.sessions_ended", actor=user, target=user, now=now, facts=facts)
        return ended

    return run_transaction(work)


def forget_device(*, user: User, public_id: UUID, now: datetime) -> None:
    """Know one of one's own browsers no more: it is asked for everything again."""

    def work() -> None:
        device = TrustedDevice.objects.filter(user=user, public_id=public_id).first()
        if device is None:
            raise AccountRefused(code="device.gone", text=_("This device is not known any more."))
        facts = {"device": device.name}
        device.delete()
        record(action="user.device_forgotten", actor=user, target=user, now=now, facts=facts)
        record_security(
            kind="device.forgotten",
            severity=Severity.NOTICE,
            user=user,
            actor=user,
            facts=facts,
            now=now,
        )

    run_as(user.pk, work)
