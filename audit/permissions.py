"""Who may read the audit log and the security events, and handle alarms."""

from typing import Any


def can_view_logs(user: Any) -> bool:  # noqa: ANN401 - a user; this app knows no other
    """The audit log is for those who may read it; who they are is known by the app above."""
    return bool(user.has_perm("audit.view_auditlog"))


def can_view_security(user: Any) -> bool:  # noqa: ANN401 - a user
    """Security events and alarms are for those who may see them (`security.view`)."""
    return bool(user.has_perm("audit.view_securityevent"))


def can_handle_alerts(user: Any) -> bool:  # noqa: ANN401 - a user
    """Whoever sets the alert rules (`security.manage`) also handles what they raise."""
    return bool(user.has_perm("audit.change_alertrule"))
