"""Keeping that somebody asked for what they may not have."""

from datetime import datetime, timedelta

from django.core.cache import cache

from accounts.models import User
from accounts.permissions import permissions
from audit.models import SecurityEvent
from audit.services.security import record_security
from labitory.lib.db import run_transaction

KIND = "permission.missing"
# One event for a person and a permission: who tries a hundred pages floods nothing.
QUIET = timedelta(minutes=5)
_LONGEST_PATH = 200


def keep_missing(*, actor: User, code: str, path: str, now: datetime) -> bool:
    """Keep a refusal, unless the same one was kept within five minutes; gives whether it was.

    `code` is the permission, or an empty text where no permission would have opened the page. The
    query of the address is left out: it may hold what people typed.
    """
    known = code if code in permissions() else ""
    seconds = int(QUIET.total_seconds())
    if not cache.add(f"accounts.missing.{actor.pk}.{known}", 1, seconds):
        return False

    def work() -> bool:
        # While the cache is away it takes everything for new.
        lately = SecurityEvent.objects.filter(
            user_id=actor.pk, at__gt=now - QUIET, kind=KIND, facts__permission=known
        )
        if lately.exists():
            return False
        facts = {"permission": known, "path": path[:_LONGEST_PATH]}
        record_security(kind=KIND, user=actor, actor=actor, facts=facts, now=now)
        return True

    return run_transaction(work)
