"""Quotas, on the queue `maintenance`: what a new period begins with, and whether all adds up."""

import structlog
from celery import shared_task

from booking.services.quota_ledger import check_ledger, open_due_accounts
from booking.services.quota_warnings import warn_of_quotas as warn
from labitory.lib.clock import now

logger = structlog.get_logger(__name__)


@shared_task
def open_quota_accounts() -> int:
    """Carry over what was left, once a period has begun."""
    return open_due_accounts(now=now())


@shared_task
def check_quotas() -> int:
    """Look whether the ledger adds up; what does not is told to operators and left as it is."""
    found = check_ledger(now=now())
    for each in found:
        logger.error(
            "quota.ledger_differs",
            quota=each.quota,
            starts_on=each.starts_on.isoformat(),
            booking=each.booking,
            column=each.column,
        )
    return len(found)


@shared_task
def warn_of_quotas() -> int:
    """Tell people of what little is left, once a period."""
    return warn(now=now())
