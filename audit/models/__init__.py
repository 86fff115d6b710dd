"""The record of who did what."""

from audit.models.logs import AuditLog

__all__ = ["AuditLog"]
