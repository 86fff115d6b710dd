"""Telling people, on the queue `notifications`."""

from celery import shared_task
from django.core.cache import cache
from kombu.exceptions import OperationalError

from booking.events import register_waker
from booking.handlers import HANDLERS
from booking.services.events import BATCH, dispatch_batch
from booking.services.messages import gather_digests, lend_messages, send_message
from labitory.lib.clock import now

# Set from the asking until a worker begins; it passes away with an order that got lost.
ASKED = "dispatch-asked"
ASKED_SECONDS = 5


@shared_task
def dispatch_events() -> int:
    """Tell all that waits; what the last commit left behind and what an earlier try could not."""
    # Before anything is read: who commits after the reading must ask again.
    cache.delete(ASKED)
    told = 0
    while (taken := dispatch_batch(handlers=HANDLERS, now=now())) == BATCH:
        told += taken
    gather_digests(now=now())
    for message_id, attempt in lend_messages(now=now()):
        deliver_message.delay(message_id=message_id, attempt=attempt)
    return told + taken


@shared_task
def deliver_message(*, message_id: int, attempt: int) -> bool:
    """Send one message that was lent for this attempt."""
    return send_message(message_id=message_id, attempt=attempt, now=now())


def wake() -> None:
    """Ask a worker to look now, once for a burst; without a broker the next sweep does."""
    if not cache.add(ASKED, 1, ASKED_SECONDS):
        return
    try:
        dispatch_events.apply_async(ignore_result=True, retry=False)
    except OperationalError:
        cache.delete(ASKED)
        raise


register_waker(wake)
