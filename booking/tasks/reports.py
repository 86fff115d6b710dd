"""What takes long, on the queue `reports`; a worker that dies is replaced by the next run."""

from celery import shared_task

from booking.services.policy_trials import run_trials
from labitory.lib.clock import now


@shared_task
def run_policy_trials() -> int:
    """Do the trials of limits that wait, and those whose worker has died."""
    return run_trials(clock=now)
