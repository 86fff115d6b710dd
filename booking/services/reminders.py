"""Reminding people before their time begins and ends.

A run goes on from where the last one stopped: run twice it tells nobody twice, a day late it makes
up what is still of use.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.urls import reverse

from booking.enums import Timing
from booking.events import post_event
from booking.locks import lock_reminders
from booking.models import Booking, ReminderRun
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import ready_channels
from booking.queries.reminders import ending_bookings, upcoming_bookings
from labitory.lib.db import run_transaction

UPCOMING, ENDING = "booking.upcoming", "session.ending"
ENDS_SOON = timedelta(minutes=10)


def remind_of_starts(*, now: datetime) -> int:
    """Tell people that their bookings begin soon; gives how many messages that makes.

    Once for each of the lab's times before the start (REMIND_BEFORE_MINUTES). Who moves a booking
    is reminded of the new time; who makes one when the reminder would be due already is not.
    Bookings made together are one message.
    """
    before = [timedelta(minutes=each) for each in settings.REMIND_BEFORE_MINUTES]

    def remind(since: datetime) -> int:
        wished_for = "" if _is_told_unasked(UPCOMING) else UPCOMING
        found = upcoming_bookings(since=since, now=now, before=before, wished_for=wished_for)
        together = [list(some) for _key, some in groupby(sorted(found, key=_act), key=_act)]
        for some in together:
            first = some[0]
            _post(UPCOMING, some, people=_people(some), until=first.start_time, now=now)
        return len(together)

    return _run(UPCOMING, remind, now)


def remind_of_ends(*, now: datetime) -> int:
    """Tell who is checked in that their time ends in ten minutes; gives how many were told.

    Who extends is told again before the new end.
    """

    def remind(since: datetime) -> int:
        found = ending_bookings(since=since, now=now, before=ENDS_SOON)
        for booking in found:
            _post(ENDING, [booking], people=[booking.user_id], until=booking.end_time, now=now)
        return len(found)

    return _run(ENDING, remind, now)


def _run(kind: str, remind: Callable[[datetime], int], now: datetime) -> int:
    """One run after the other; the first ever begins with what is due from now on."""

    def work() -> int:
        ReminderRun.objects.get_or_create(kind=kind, defaults={"until": now})
        run = lock_reminders(kind)
        if run.until >= now:
            return 0
        told = remind(run.until)
        run.until = now
        run.save(update_fields=["until"])
        return told

    return run_transaction(work)


def _is_told_unasked(kind: str) -> bool:
    return any(each.default(CATALOGUE[kind]) is not Timing.OFF for each in ready_channels())


def _act(booking: Booking) -> tuple[str, datetime, int]:
    """What was booked together begins together; everything else stands alone."""
    alone = 0 if booking.group_id else booking.pk
    return str(booking.group_id or ""), booking.start_time, alone


def _people(bookings: Iterable[Booking]) -> set[int]:
    along = {each.user_id for booking in bookings for each in booking.attendees.all()}
    return along | {booking.user_id for booking in bookings}


def _post(
    kind: str, bookings: Sequence[Booking], *, people: Iterable[int], until: datetime, now: datetime
) -> None:
    first = bookings[0]
    start, end = first.start_time.isoformat(), first.end_time.isoformat()
    names = ", ".join(dict.fromkeys(each.resource.name for each in bookings))
    facts = {"resource": names, "when": {"start": start, "end": end}, "end": {"at": end}}
    post_event(
        kind=kind,
        payload={
            "people": sorted(set(people)),
            "actor": None,
            "path": reverse("booking:booking_detail", args=[first.public_id]),
            "facts": facts,
            # What is told is void once it is over, or no longer so.
            "until": until.isoformat(),
            "about": [
                (str(each.public_id), each.start_time.isoformat(), each.end_time.isoformat())
                for each in bookings
            ],
        },
        now=now,
    )
