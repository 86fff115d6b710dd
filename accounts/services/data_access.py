"""Keeping that somebody looked at the contact data of another."""

from datetime import datetime

from accounts.models import User
from audit.services.data_access import record_access
from labitory.lib.db import run_transaction


def note_view(*, viewer: User, subject: User, what: str, now: datetime) -> None:
    """Write that a page showed all contact data of a person; one's own leave no trace."""
    run_transaction(lambda: record_access(viewer=viewer, subjects=[subject], what=what, now=now))
