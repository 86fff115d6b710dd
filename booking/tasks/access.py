"""On the path to a resource, on the queue `maintenance`; a missed run is made up by the next."""

from celery import shared_task

from booking.services.access_jobs import escalate_requests, remind_of_ends
from booking.services.assessments import remind_of_reviews
from labitory.lib.clock import now


@shared_task
def remind_of_access_ends() -> int:
    """Tell people that their access ends soon."""
    return remind_of_ends(now=now())


@shared_task
def escalate_access_requests() -> int:
    """Bring requests that nobody answers to others."""
    return escalate_requests(now=now())


@shared_task
def remind_of_assessments() -> int:
    """Tell authors that their risk assessment must be reviewed soon."""
    return remind_of_reviews(now=now())
