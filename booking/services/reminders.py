"""Reminding people before their time begins and ends, and before held time is given on.

A run goes on from where the last one stopped: run twice it tells nobody twice, a day late it makes
up what is still of use.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from booking.enums import RemindLead, Timing
from booking.events import post_event
from booking.locks import lock_reminders
from booking.models import Booking, Hold, Offer, ReminderRun
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import ready_channels
from booking.queries.reminders import (
    awaited_bookings,
    ending_bookings,
    ending_holds,
    ending_offers,
    own_leads,
    upcoming_bookings,
)
from booking.services._offers import offer_address
from labitory.lib.db import run_transaction

UPCOMING, ENDING, AWAITED = "booking.upcoming", "session.ending", "session.awaited"
HELD, OFFERED, REPLACED = "hold.ending", "offer.ending", "offer.replacement_ending"
ENDS_SOON = timedelta(minutes=10)
LAPSES_SOON = timedelta(minutes=5)
# The longest counts that is at most half of the time for which it is held: who just heard of it
# needs no reminder, and nobody gets two.
HOLD_LEADS = (timedelta(minutes=5),)
OFFER_LEADS = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=10))
_OWN_LEADS = frozenset(timedelta(minutes=each) for each in RemindLead.values)


def remind_of_starts(*, now: datetime) -> int:
    """Tell people that their bookings begin soon; gives how many messages that makes.

    Once for each of the lab's times before the start (REMIND_BEFORE_MINUTES), or so long before as
    somebody chose for themselves. Who moves a booking is reminded of the new time; who makes one
    when the reminder would be due already is not. Bookings made together are one message.
    """
    lab = frozenset(timedelta(minutes=each) for each in settings.REMIND_BEFORE_MINUTES)

    def remind(since: datetime) -> int:
        wished_for = "" if _is_told_unasked(UPCOMING) else UPCOMING
        before = lab | _OWN_LEADS
        found = upcoming_bookings(since=since, now=now, before=before, wished_for=wished_for)
        own = own_leads(_people(found)) if found else {}
        told = 0
        for _key, group in groupby(sorted(found, key=_act), key=_act):
            some = list(group)
            start = some[0].start_time
            due = [
                person
                for person in _people(some)
                if _is_due(start, {own[person]} if person in own else lab, since, now)
            ]
            if due:
                _post(UPCOMING, some, people=due, until=start, now=now)
                told += 1
        return told

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


def remind_of_check_ins(*, now: datetime) -> int:
    """Tell people five minutes before their booking counts as missed; gives how many were told.

    Where nobody must come within a time, or within less than ten minutes, nobody is told.
    """

    def remind(since: datetime) -> int:
        found = awaited_bookings(since=since, now=now, before=LAPSES_SOON)
        for booking, at in found:
            _post(AWAITED, [booking], people=_people([booking]), until=at, now=now)
        return len(found)

    return _run(AWAITED, remind, now)


def remind_of_held(*, now: datetime) -> int:
    """Tell people what is not held for them much longer; gives how many messages that makes.

    Once, for what they keep and have not booked five minutes before; for what they are offered a
    day, an hour or ten minutes before, as it was offered for long or not. What ends for somebody
    in the same minute is one message.
    """

    def remind(since: datetime) -> int:
        offers = ending_offers(since=since, now=now, before=OFFER_LEADS)
        found: dict[str, Sequence[Hold | Offer]] = {
            HELD: ending_holds(since=since, now=now, before=HOLD_LEADS),
            OFFERED: [each for each in offers if each.displaced_id is None],
            REPLACED: [each for each in offers if each.displaced_id is not None],
        }
        told = 0
        for kind, kept in found.items():
            for _person, some in groupby(kept, key=lambda each: each.user_id):
                _post_kept(kind, list(some), now=now)
                told += 1
        return told

    return _run(HELD, remind, now)


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


def _is_due(start: datetime, leads: Collection[timedelta], since: datetime, now: datetime) -> bool:
    return any(since < start - lead <= now for lead in leads)


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
    facts["until"] = {"at": until.isoformat()}
    post_event(
        kind=kind,
        payload={
            "people": sorted(set(people)),
            "actor": None,
            "path": reverse("booking:booking_detail", args=[first.public_id]),
            "facts": facts,
            # What is told is void once it is over, or no longer so.
            "until": until.isoformat(),
            "awaited" if kind == AWAITED else "about": [
                (str(each.public_id), each.start_time.isoformat(), each.end_time.isoformat())
                for each in bookings
            ],
        },
        now=now,
    )


def _post_kept(kind: str, kept: Sequence[Hold | Offer], *, now: datetime) -> None:
    """One message for one person; `kept` begins with what ends first."""
    first, last = kept[0], kept[-1]
    others = len({each.period for each in kept}) - 1
    when = {"start": first.start_time.isoformat(), "end": first.end_time.isoformat()}
    post_event(
        kind=kind,
        payload={
            "people": [first.user_id],
            "actor": None,
            "path": _page_of(kept),
            "facts": {
                "resource": ", ".join(dict.fromkeys(each.resource.name for each in kept)),
                "when": {**when, "more": others} if others else when,
                "until": {"at": first.expires_at.isoformat()},
            },
            "until": last.expires_at.isoformat(),
            "held" if kind == HELD else "offered": [
                (str(each.public_id), each.expires_at.isoformat()) for each in kept
            ],
        },
        now=now,
    )


def _page_of(kept: Sequence[Hold | Offer]) -> str:
    """Where the one is answered or booked; several stand on the first page."""
    first = kept[0]
    if len(kept) > 1:
        return reverse("booking:home")
    if isinstance(first, Offer):
        return offer_address(first)
    times = {"start": first.start_time.isoformat(), "end": first.end_time.isoformat()}
    query = urlencode({"resource": first.resource.code, **times})
    return f"{reverse('booking:booking_new')}?{query}"
