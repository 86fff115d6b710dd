"""People's calendar servers, on the queue `reports`: another's server may take its time."""

from datetime import datetime

from celery import shared_task
from django.utils import translation
from django.utils.translation import gettext as _

from booking.errors import BookingError
from booking.queries.remote_calendars import Change, change_to_follow
from booking.services.bookings import cancel_booking, reschedule_booking
from booking.services.remote_calendars import lend_calendars, refuse_change
from booking.services.remote_sync import sync_calendar
from labitory.lib.clock import now


@shared_task
def sync_calendars() -> int:
    """Ask for a round with every server whose turn it is; gives how many."""
    count = 0
    for calendar_id in lend_calendars(now=now()):
        sync_one_calendar.delay(calendar_id=calendar_id)
        count += 1
    return count


@shared_task
def sync_one_calendar(*, calendar_id: int) -> int:
    """One round with one server; what changed there and shall be followed is asked for."""
    to_follow = sync_calendar(calendar_id=calendar_id, now=now())
    for entry_id in to_follow:
        follow_calendar.delay(entry_id=entry_id)
    return len(to_follow)


@shared_task
def follow_calendar(*, entry_id: int) -> bool:
    """Move or cancel a booking as its person did in their own calendar, if its rules allow."""
    change = change_to_follow(entry_id)
    if change is None:
        return False
    # A refusal is said in the words of who reads it.
    with translation.override(change.user.preferences.language):
        try:
            _follow(change, now())
        except BookingError as error:
            said = " ".join(refusal.text for refusal in error.refusals)
            refuse_change(entry_id=entry_id, text=said, now=now())
            return False
    return True


def _follow(change: Change, moment: datetime) -> None:
    actor, booking_id = change.user, change.booking_id
    if change.period is None:
        said = _("Deleted in the calendar of who booked it")
        cancel_booking(actor=actor, booking_id=booking_id, now=moment, reason=said)
        return
    reschedule_booking(
        actor=actor,
        booking_id=booking_id,
        period=change.period,
        version=change.version,
        now=moment,
    )
