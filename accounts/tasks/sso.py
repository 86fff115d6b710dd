"""Tidying what single sign-on leaves behind."""

from celery import shared_task

from accounts.services.sso import remove_stale_logins
from labitory.lib.clock import now


@shared_task
def tidy_logins() -> int:
    """Forget logins elsewhere that nobody finished; gives how many rows went."""
    return remove_stale_logins(now=now())
