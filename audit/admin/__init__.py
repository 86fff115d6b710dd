"""The audit log and the security events in the admin, and the auditing of everything else there."""

from audit.admin.data_access import DataAccessAdmin
from audit.admin.logs import AuditLogAdmin
from audit.admin.security import AlertRuleAdmin, SecurityAlertAdmin, SecurityEventAdmin

__all__ = [
    "AlertRuleAdmin",
    "AuditLogAdmin",
    "DataAccessAdmin",
    "SecurityAlertAdmin",
    "SecurityEventAdmin",
]
