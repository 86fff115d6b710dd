"""Training, on the queue `maintenance`."""

from celery import shared_task

from booking.services.qualifications import remind_of_training as remind
from labitory.lib.clock import now


@shared_task
def remind_of_training() -> int:
    """Note what was used, and tell people of certificates that end soon."""
    return remind(now=now())
