"""Tidying registrations, on the queue `maintenance`."""

from celery import shared_task

from accounts.services.registrations import tidy_registrations as tidy
from labitory.lib.clock import now


@shared_task
def tidy_registrations() -> int:
    """Forget registrations that nobody confirmed; decline those that nobody decided in time."""
    return tidy(now=now())
