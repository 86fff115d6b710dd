"""The one way into the audit log."""

from audit.services.logs import Entry, record, record_many

__all__ = ["Entry", "record", "record_many"]
