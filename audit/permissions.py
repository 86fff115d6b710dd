"""Who may read the audit log."""

from typing import Any


def can_view_logs(user: Any) -> bool:  # noqa: ANN401 - a user; this app knows no other
    """The audit log is the system administrators'."""
    return bool(getattr(user, "is_sysadmin", False))
