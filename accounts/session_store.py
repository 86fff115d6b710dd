"""Where sessions live: Redis first, the database behind it, with the person beside the data."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore
from django.core.cache import caches
from django.db.models import OuterRef
from django.utils import timezone

from accounts.models import Session

_ABOUT = "_about"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a person's session; kept within its data, mirrored in its row."""

    public_id: uuid.UUID
    began_at: datetime
    seen_at: datetime
    address: str = ""
    country: str = ""
    agent: str = ""

    @classmethod
    def begin(cls, *, now: datetime, address: str = "", country: str = "", agent: str = "") -> Self:
        """A session that begins now."""
        return cls(
            public_id=uuid.uuid4(),
            began_at=now,
            seen_at=now,
            address=address,
            country=country,
            agent=agent,
        )

    def seen(self, *, now: datetime, address: str, country: str, agent: str) -> Self:
        """The same session, used again."""
        return replace(self, seen_at=now, address=address, country=country, agent=agent)


def about(session: SessionBase) -> About | None:
    """What is known of a person's session; None for a visitor's."""
    return None if SESSION_KEY not in session else read_about(dict(session.items()))


def read_about(data: dict[str, Any]) -> About | None:
    """What the data of a session say about it."""
    kept = data.get(_ABOUT)
    if kept is None:
        return None
    return About(
        public_id=uuid.UUID(kept["id"]),
        began_at=datetime.fromisoformat(kept["began"]),
        seen_at=datetime.fromisoformat(kept["seen"]),
        address=kept["address"],
        country=kept["country"],
        agent=kept["agent"],
    )


def write_about(session: SessionBase, known: About) -> None:
    """Keep what is known within the session."""
    session[_ABOUT] = {
        "id": str(known.public_id),
        "began": known.began_at.isoformat(),
        "seen": known.seen_at.isoformat(),
        "address": known.address,
        "country": known.country,
        "agent": known.agent,
    }


def open_session_ids() -> ArraySubquery:
    """The public ids of a person's sessions that have their row, asked for with the person."""
    rows = Session.objects.filter(user=OuterRef("pk")).order_by()
    return ArraySubquery(rows.values("public_id"))


class SessionStore(CachedStore):
    """Django's cached sessions, in a table that knows whose they are, since when and from where.

    Every save writes the whole row, so all of it comes from the data: nothing is forgotten, and
    nothing has to be read first.
    """

    cache_key_prefix = "accounts.session"

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row to write: it names the person, so that their sessions can be listed and ended."""
        row = cast("Session", super().create_model_instance(data))
        known = read_about(data) if SESSION_KEY in data else None
        if known is not None:
            row.user_id = int(data[SESSION_KEY])
            row.public_id = known.public_id
            row.began_at, row.seen_at = known.began_at, known.seen_at
            row.address, row.agent = known.address or None, known.agent
        return row

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Save; a session that somebody was logged in to by other means begins with it."""
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if SESSION_KEY in data and _ABOUT not in data:
            # Django's own store asks the clock as well.
            write_about(self, About.begin(now=timezone.now()))  # noqa: TID251
        elif must_create and _ABOUT in data:
            # The same session under a new key: the old row still stands beside it.
            data[_ABOUT]["id"] = str(uuid.uuid4())
        super().save(must_create)

    @classmethod
    def forget(cls, session_key: str) -> None:
        """Take the fast copy of a session away whose row is gone."""
        cache = caches[settings.SESSION_CACHE_ALIAS]
        cache.delete(cls.cache_key_prefix + session_key)
