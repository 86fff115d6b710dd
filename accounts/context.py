"""What every page knows of the session it is read in."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.queries.sessions import time_left
from accounts.session_store import about
from labitory.lib.clock import now

# How long before the end people are warned, at most.
_WARNING = 180


def session_clock(request: HttpRequest) -> dict[str, Any]:
    """How many seconds the session lasts and when to warn; nothing for visitors, and no query."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not isinstance(request.user, User):
        return {}
    known = about(request.session)
    if known is None:
        return {}
    left = int(time_left(known, now()).total_seconds())
    idle = settings.SESSION_IDLE_MINUTES * 60
    return {"session_clock": {"left": left, "warn": min(_WARNING, idle // 4)}}
