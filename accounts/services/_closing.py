"""The shared step of closing and reopening accounts; the caller holds the person's row."""

from datetime import datetime

from accounts.models import User
from accounts.services._sessions import end_sessions
from audit.services import record


def write_active(user: User, *, active: bool, actor: User, now: datetime, reason: str) -> None:
    """Close or open the account and keep that; what is so already stays untouched."""
    if user.is_active == active:
        return
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        end_sessions(user, why="deactivation", now=now, actor=actor)
    record(
        action="user.reactivated" if active else "user.deactivated",
        actor=actor,
        target=user,
        now=now,
        changes={"is_active": (not active, active)},
        reason=reason,
    )
