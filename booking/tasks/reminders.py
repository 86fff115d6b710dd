"""Reminders, on the queue `maintenance`; a missed run is made up by the next."""

from celery import shared_task

from booking.services.reminders import remind_of_check_ins as remind_check_ins
from booking.services.reminders import remind_of_ends as remind_ends
from booking.services.reminders import remind_of_held as remind_held
from booking.services.reminders import remind_of_starts as remind_starts
from labitory.lib.clock import now


@shared_task
def remind_of_starts() -> int:
    """Tell people who want to know that their bookings begin soon."""
    return remind_starts(now=now())


@shared_task
def remind_of_ends() -> int:
    """Tell who is checked in that their time ends soon."""
    return remind_ends(now=now())


@shared_task
def remind_of_held() -> int:
    """Tell people what is not held for them much longer."""
    return remind_held(now=now())


@shared_task
def remind_of_check_ins() -> int:
    """Tell people whom nobody has seen that their booking soon counts as missed."""
    return remind_check_ins(now=now())
