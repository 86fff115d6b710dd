"""The one way into the audit log."""

from audit.services.logs import record

__all__ = ["record"]
