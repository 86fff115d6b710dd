"""Sessions: how long they last, who is on the way in, what a person has open."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import Session, TrustedDevice, User
from accounts.queries.devices import device_tokens, known_device, known_devices
from accounts.session_store import About, SessionStore, about, read_about
from accounts.wall import acting_for
from labitory.lib.agents import say_agent
from labitory.lib.crypto import decrypt

# Whose password was right, while they show the second factor.
PENDING = "pending_login"
PENDING_TIME = timedelta(minutes=5)
# A form that came after the session had ended, until its person is back.
KEPT_FORM = "kept_form"
KEPT_TIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One of a person's sessions, as they see it."""

    public_id: UUID
    device: str
    address: str
    country: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBrowser:
    """One of a person's known browsers, as they see it."""

    device: TrustedDevice
    is_this: bool


def idle_limit() -> timedelta:
    """How long a session may lie unused."""
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def longest() -> timedelta:
    """How long a session may last at all."""
    return timedelta(hours=settings.SESSION_MAX_HOURS)


def time_left(known: About, now: datetime) -> timedelta:
    """How long the session still lasts if it is not used again; never below zero."""
    ends = min(known.seen_at + idle_limit(), known.began_at + longest())
    return max(ends - now, timedelta(0))


def is_at_its_longest(known: About, now: datetime) -> bool:
    """Whether it ends for its age, used or not."""
    return now - known.began_at >= longest()


def pending_user(session: SessionBase, now: datetime) -> User | None:
    """Whose password was right a few minutes ago and who has still to show the second factor.

    Nobody once the account was closed or its password changed meanwhile.
    """
    pending = session.get(PENDING)
    if not pending or now - datetime.fromisoformat(pending["at"]) > PENDING_TIME:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user is None or not constant_time_compare(pending["hash"], user.get_session_auth_hash()):
        return None
    user.backend = pending["backend"]
    return user


def sessions_of(user: User, request: HttpRequest, now: datetime) -> list[OpenSession]:
    """The person's open sessions, this one first, then the last used."""
    rows = Session.objects.filter(
        user=user,
        expire_date__gt=now,
        seen_at__gt=now - idle_limit(),
        began_at__gt=now - longest(),
    ).order_by("-seen_at")
    store = SessionStore()
    known = [read_about(store.decode(row.session_data)) for row in rows]
    this = about(request.session)
    found = [
        OpenSession(
            public_id=each.public_id,
            device=say_agent(each.agent),
            address=each.address,
            country=each.country,
            began_at=each.began_at,
            seen_at=each.seen_at,
            is_this=this is not None and each.public_id == this.public_id,
        )
        for each in known
        if each is not None
    ]
    return sorted(found, key=lambda each: not each.is_this)


def browsers_of(user: User, request: HttpRequest, now: datetime) -> list[KnownBrowser]:
    """The person's known browsers, the last used first."""
    with acting_for(user.pk):
        this = known_device(user, device_tokens(request), now)
        return [
            KnownBrowser(device=device, is_this=this is not None and device.pk == this.pk)
            for device in known_devices(user, now)
        ]


def kept_form(session: SessionBase, user: User, now: datetime) -> Mapping[str, Any] | None:
    """What this person had sent when their session was over: `path` and `fields`."""
    kept: Mapping[str, Any] | None = session.get(KEPT_FORM)
    if not kept or kept["user"] not in (None, user.pk):
        return None
    if now - datetime.fromisoformat(kept["at"]) > KEPT_TIME:
        return None
    form: Mapping[str, Any] = json.loads(decrypt(kept["form"], context=KEPT_FORM))
    return form
