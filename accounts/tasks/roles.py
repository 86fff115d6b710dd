"""Tidying granted roles, on the queue `maintenance`: what has ended counts no longer anyway."""

from celery import shared_task

from accounts.services.roles import remove_expired_grants as remove
from labitory.lib.clock import now


@shared_task
def remove_expired_grants() -> int:
    """Tell people whose granted roles have ended, and clear these away."""
    return remove(now=now())
