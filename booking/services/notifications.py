"""Notices and what their readers do with them."""

from datetime import datetime

from accounts.models import User
from booking.models import Notification
from labitory.lib.db import run_transaction


def mark_notices_read(*, user: User, now: datetime, notice_id: int | None = None) -> int:
    """Mark one of the person's own notices as read, or all of them; gives how many were not."""

    def work() -> int:
        unread = Notification.objects.filter(user=user, read_at=None)
        if notice_id is not None:
            unread = unread.filter(pk=notice_id)
        return unread.update(read_at=now)

    return run_transaction(work)
