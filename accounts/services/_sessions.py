"""Steps of beginning and ending sessions that several services share."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Session, User
from accounts.queries.sessions import PENDING, idle_limit, longest
from accounts.services._devices import remember_device
from accounts.session_store import About, SessionStore, write_about
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.http import client_address, client_agent, client_country

# Of who has shown something else than a password.
OWN_BACKEND = "accounts.backends.UserBackend"


def enter(request: HttpRequest, user: User, now: datetime) -> None:
    """Begin the full session of a person; part of the open transaction.

    The browser is known from now on. Of too many sessions those that lie unused longest end.
    """
    request.session.pop(PENDING, None)
    backend = getattr(user, "backend", OWN_BACKEND)
    login(request, user, backend=backend)
    write_about(
        request.session,
        About.begin(
            now=now,
            address=client_address(request),
            country=client_country(request),
            agent=client_agent(request),
        ),
    )
    device = remember_device(request, user, now)
    _end_surplus(user, now)
    if settings.SSO.only and backend == OWN_BACKEND:
        record_security(kind="break_glass.used", user=user, actor=user, now=now)
    record(action="user.logged_in", actor=user, target=user, now=now)
    record_security(
        kind="login.succeeded",
        severity=Severity.INFO,
        user=user,
        actor=user,
        facts={"device": device.name, "known": device.added_at < now},
        now=now,
    )


def end_sessions(
    user: User, *, why: str, now: datetime, actor: User | None = None, keep: str | None = None
) -> int:
    """End a person's sessions on all devices, but for the one whose key is `keep`.

    Part of the open transaction; `why` is a word for the record: password, role, factor,
    deactivation, chosen. Gives how many ended; every one is refused at its next request.
    """
    keys = list(
        Session.objects.filter(user=user)
        .exclude(session_key=keep or "")
        .values_list("session_key", flat=True)
    )
    end_keys(keys)
    if keys:
        record_security(
            kind="session.ended",
            severity=Severity.NOTICE,
            user=user,
            actor=actor,
            facts={"why": why, "count": len(keys)},
            now=now,
        )
    return len(keys)


def _end_surplus(user: User, now: datetime) -> None:
    """Leave room for the session that begins."""
    alive = Session.objects.filter(
        user=user, seen_at__gt=now - idle_limit(), began_at__gt=now - longest()
    ).order_by("-seen_at")
    end_keys(alive.values_list("session_key", flat=True)[settings.SESSION_MAX_PER_USER - 1 :])


def end_keys(keys: Iterable[str]) -> None:
    """End the sessions with these keys; part of the open transaction."""
    found = list(keys)
    if not found:
        return
    Session.objects.filter(session_key__in=found).delete()
    _forget(found)
    # And after the commit: until then a request could fetch the row and keep it anew.
    transaction.on_commit(lambda: _forget(found))


def _forget(keys: Iterable[str]) -> None:
    """Take the fast copies away; the rows are gone."""
    for key in keys:
        SessionStore.forget(key)
