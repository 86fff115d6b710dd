"""The one way into the audit log."""

from audit.services.logs import Entry, draft_records, record, record_many

__all__ = ["Entry", "draft_records", "record", "record_many"]
