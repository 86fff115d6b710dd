"""Telling people, on the queue `notifications`."""

import time

from celery import shared_task
from django.core.cache import cache
from kombu.exceptions import OperationalError

from booking.events import register_waker
from booking.handlers import HANDLERS
from booking.services.events import BATCH, dispatch_batch
from booking.services.messages import BATCH as MOST_LENT
from booking.services.messages import gather_digests, lend_messages, send_message
from labitory.lib.broker import queue_lengths
from labitory.lib.clock import now

# Set from the asking until a worker begins; it passes away with an order that got lost.
ASKED = "dispatch-asked"
ASKED_SECONDS = 5
# Then what was ordered has its turn: orders to look pile up during a flood, each takes this long.
TURN_SECONDS = 2
QUEUE, MOST_WAITING = "notifications", 500


@shared_task
def dispatch_events() -> int:
    """Tell what waits; what the last commit left behind and what an earlier try could not.

    What is to be sent of a batch is ordered before the next is looked at. Of a flood that lasts the
    rest follows behind these orders: a flood holds nobody up who has a message in it already.
    """
    # Before anything is read: who commits after the reading must ask again.
    cache.delete(ASKED)
    gather_digests(now=now())
    end = time.monotonic() + TURN_SECONDS
    told = 0
    while True:
        taken = dispatch_batch(handlers=HANDLERS, now=now())
        told += taken
        is_more = _order_messages()
        if taken < BATCH or time.monotonic() > end:
            break
    if taken == BATCH or is_more:
        wake()
    return told


def _order_messages() -> bool:
    """Order what may be sent now; gives whether there may be more of it.

    Nothing while many orders wait: what is lent must be sent before it is lent once more, or the
    queue would fill with void orders. Nothing either while the broker is away.
    """
    lengths = queue_lengths([QUEUE])
    if lengths is None:
        return False
    if lengths[QUEUE] >= MOST_WAITING:
        return True
    lent = lend_messages(now=now())
    for message_id, attempt in lent:
        deliver_message.delay(message_id=message_id, attempt=attempt)
    return len(lent) == MOST_LENT


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
