"""Copies of bookings on people's own calendar servers."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import icalendar
from django.db.models import F, Q, QuerySet

from accounts.models import User
from booking.enums import LIVE, OPEN, RemoteState
from booking.models import Booking, RemoteCalendar, RemoteEntry
from labitory.lib.periods import Period

PAST, AHEAD = timedelta(days=1), timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody did with a booking in their own calendar; without a period they deleted it."""

    user: User
    booking_id: UUID
    version: str
    period: Period | None


def remote_calendar_of(user: User) -> RemoteCalendar | None:
    """The person's calendar server, if they named one; without the password."""
    return RemoteCalendar.objects.defer("password").filter(user=user).first()


def conflicts_of(user: User) -> "QuerySet[RemoteEntry]":
    """Bookings that were changed over there and wait for a word, the next first.

    What was moved or cancelled here since, as over there, differs no more.
    """
    moved = Q(wanted_start=F("booking__start_time"), wanted_end=F("booking__end_time"))
    return (
        RemoteEntry.objects.filter(calendar__user=user, state=RemoteState.CONFLICT)
        .filter(booking__status__in=LIVE)
        .exclude(moved)
        .select_related("booking__resource", "booking__user")
        .order_by("booking__start_time", "pk")
    )


def find_conflict(user: User, booking_id: UUID) -> RemoteEntry:
    """One of them, by its booking. Raises `DoesNotExist`, also for what is another's."""
    return conflicts_of(user).get(booking__public_id=booking_id)


def change_to_follow(entry_id: int) -> Change | None:
    """What the booking of an entry shall follow; None when it was settled meanwhile."""
    entry = (
        RemoteEntry.objects.filter(pk=entry_id, state=RemoteState.CONFLICT)
        .select_related("calendar__user__preferences", "booking")
        .first()
    )
    if entry is None or entry.booking.sequence != entry.sequence:
        return None
    start, end = entry.wanted_start, entry.wanted_end
    return Change(
        user=entry.calendar.user,
        booking_id=entry.booking.public_id,
        version=entry.booking.version,
        period=Period(start, end) if start and end else None,
    )


def copied_bookings(calendar: RemoteCalendar, *, now: datetime) -> "QuerySet[Booking]":
    """What should lie there: the person's own from yesterday for a year; and what lies there.

    What was before that lies as it is, but for what belongs there no longer.
    """
    coming = Q(
        user=calendar.user_id,
        status__in=LIVE,
        end_time__gt=now - PAST,
        start_time__lt=now + AHEAD,
    )
    to_look_at = Q(end_time__gt=now - PAST) | ~Q(status__in=LIVE) | ~Q(user=calendar.user_id)
    return (
        Booking.objects.filter(coming | to_look_at & Q(remote_entries__calendar=calendar))
        .select_related("resource", "user__preferences")
        .order_by("start_time", "pk")
        .distinct()
    )


def is_copied(booking: Booking, calendar: RemoteCalendar) -> bool:
    """Whether a booking still belongs there: it is the person's, and takes place."""
    return booking.user_id == calendar.user_id and booking.status in LIVE


def may_still_move(booking: Booking, *, now: datetime) -> bool:
    """Whether a change over there can still mean anything here."""
    return booking.status in OPEN and booking.end_time > now


def period_in(content: bytes, uid: str) -> Period | None:
    """When the entry with this UID takes place; None where it is not told as start and end."""
    try:
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
    except (ValueError, KeyError, IndexError):
        return None
    for calendar in calendars:
        for event in calendar.walk("VEVENT"):
            if str(event.get("uid", "")) == uid:
                return _period(event)
    return None


def _period(event: "icalendar.cal.Component") -> Period | None:
    try:
        start, end = event.decoded("dtstart"), event.decoded("dtend")
    except (KeyError, ValueError):
        return None
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    if start.tzinfo is None or end.tzinfo is None or start >= end:
        return None
    # No clock shows what lies beyond the first and the last year that there are.
    if start.year <= date.min.year or end.year >= date.max.year:
        return None
    return Period(start.astimezone(UTC), end.astimezone(UTC))
