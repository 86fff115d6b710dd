"""Deleting what is too old, on the queue `maintenance`."""

from celery import shared_task

from accounts.services.retention import apply_retention as apply
from labitory.lib.clock import now


@shared_task
def apply_retention() -> dict[str, int]:
    """Every night: delete what is older than it may be kept."""
    return apply(now=now())
