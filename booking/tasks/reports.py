"""What takes long, on the queue `reports`; a worker that dies is replaced by the next run."""

from celery import shared_task

from booking.services.policy_trials import register_waker, run_trials
from labitory.lib.clock import now


@shared_task
def run_policy_trials() -> int:
    """Do the trials of limits that wait, and those whose worker has died."""
    return run_trials(clock=now)


def wake() -> None:
    """Ask a worker to begin now; without a broker the sweep of each minute does."""
    run_policy_trials.apply_async(ignore_result=True, retry=False)


register_waker(wake)
