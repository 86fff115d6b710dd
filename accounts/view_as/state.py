"""What a session keeps while its person looks at the pages as another."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User

LASTS = timedelta(minutes=30)
KEY = "view_as"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """Who really looks, as whom, and until when; a request has it as `request.viewing`."""

    actor: User
    user: User
    until: datetime


def keep_viewing(session: SessionBase, *, user: User, until: datetime) -> None:
    """From the next request on the session looks as that person."""
    session[KEY] = {"user": user.pk, "until": until.isoformat()}


def kept_viewing(session: SessionBase) -> tuple[int, datetime] | None:
    """As whose key the session looks, and until when; None where nobody does."""
    kept = session.get(KEY)
    if not isinstance(kept, dict):
        return None
    return int(kept["user"]), datetime.fromisoformat(kept["until"])


def forget_viewing(session: SessionBase) -> None:
    """The session is its own person's again."""
    session.pop(KEY, None)
