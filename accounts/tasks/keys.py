"""Tidying sessions and guards, on the queue `maintenance`."""

from celery import shared_task

from accounts.services.tidying import tidy_keys as tidy
from labitory.lib.clock import now


@shared_task
def tidy_keys() -> int:
    """Forget sessions that are over, failures of long ago, browsers known no longer."""
    return tidy(now=now())
