"""The work of the audit log that comes round."""

from celery import shared_task

from audit.services import partitions
from labitory.lib.clock import now


@shared_task
def make_partitions() -> list[str]:
    """Make the months of the audit log ahead of time."""
    return partitions.make_partitions(now=now())
