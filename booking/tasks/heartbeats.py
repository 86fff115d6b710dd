"""A task for each queue that does nothing but say that a worker lives there, and the watch.

What waited for longer than two minutes says nothing about now: it is thrown away unread.
"""

from celery import shared_task

from booking.services.watching import note_heartbeat
from booking.services.watching import watch_system as watch
from labitory.lib.clock import now

SECONDS = 120


@shared_task(expires=SECONDS)
def beat_notifications() -> None:
    """Say that a worker serves the queue `notifications`."""
    note_heartbeat(queue="notifications", now=now())


@shared_task(expires=SECONDS)
def beat_maintenance() -> None:
    """Say that a worker serves the queue `maintenance`."""
    note_heartbeat(queue="maintenance", now=now())


@shared_task(expires=SECONDS)
def beat_reports() -> None:
    """Say that a worker serves the queue `reports`."""
    note_heartbeat(queue="reports", now=now())


@shared_task
def watch_system() -> list[int]:
    """Look whether messages leave and tasks run; tell of what does not."""
    return list(watch(now=now()))
