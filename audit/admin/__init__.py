"""The audit log in the admin, and the auditing of everything else there."""

from audit.admin.logs import AuditLogAdmin

__all__ = ["AuditLogAdmin"]
