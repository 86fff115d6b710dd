"""The record of who did what."""

from audit.models.logs import AuditLog
from audit.models.security import AlertRule, DataAccess, SecurityAlert, SecurityEvent

__all__ = ["AlertRule", "AuditLog", "DataAccess", "SecurityAlert", "SecurityEvent"]
