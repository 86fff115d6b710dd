"""Telling people, on the queue `notifications`."""

from celery import shared_task

from booking.events import register_waker
from booking.handlers import HANDLERS
from booking.services.events import BATCH, dispatch_batch
from booking.services.notifications import lend_emails, send_email
from labitory.lib.clock import now


@shared_task
def dispatch_events() -> int:
    """Tell all that waits; what the last commit left behind and what an earlier try could not."""
    told = 0
    while (taken := dispatch_batch(handlers=HANDLERS, now=now())) == BATCH:
        told += taken
    for email_id, attempt in lend_emails(now=now()):
        deliver_email.delay(email_id=email_id, attempt=attempt)
    return told + taken


@shared_task
def deliver_email(*, email_id: int, attempt: int) -> bool:
    """Send one mail that was lent for this attempt."""
    return send_email(email_id=email_id, attempt=attempt, now=now())


def wake() -> None:
    """Ask a worker to look now; without a broker the next sweep does."""
    dispatch_events.apply_async(ignore_result=True, retry=False)


register_waker(wake)
