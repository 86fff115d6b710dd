"""Who may read the audit log."""

from typing import Any


def can_view_logs(user: Any) -> bool:  # noqa: ANN401 - a user; this app knows no other
    """The audit log is for those who may read it; who they are is known by the app above."""
    return bool(user.has_perm("audit.view_auditlog"))
