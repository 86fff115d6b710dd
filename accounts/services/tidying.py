"""Clearing away what guards and sessions leave behind."""

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import LoginGuard, Session, TrustedDevice
from accounts.queries.sessions import idle_limit, longest
from accounts.wall import Opening, run_opened

# Counts are forgotten after a day of quiet, links after an hour.
_GUARDS = timedelta(days=2)


def tidy_keys(*, now: datetime) -> int:
    """Delete sessions that are over, counts that count nothing, browsers known no longer.

    Gives how many rows went. What is deleted had no effect any more.
    """

    def work() -> int:
        over = (
            Q(expire_date__lte=now)
            | Q(seen_at__lte=now - idle_limit())
            | Q(began_at__lte=now - longest())
        )
        gone = Session.objects.filter(over).delete()[0]
        gone += LoginGuard.objects.filter(failed_at__lte=now - _GUARDS).delete()[0]
        return gone + TrustedDevice.objects.filter(expires_at__lte=now).delete()[0]

    return run_opened(Opening.TIDYING, work)
