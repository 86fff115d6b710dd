"""Where sessions live: Redis first, the database behind it, with the person beside the data."""

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore

from accounts.models import Session


class SessionStore(CachedStore):
    """Django's cached sessions, in a table that knows whose they are."""

    cache_key_prefix = "accounts.session"

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row to write: it names the person, so that their sessions can be listed and ended."""
        row = cast("Session", super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row
