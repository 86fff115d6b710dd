"""Whom to remind of what begins or ends soon, and whether it is still so."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from booking.enums import Status, Timing
from booking.models import Booking, NotificationPreference
from booking.queries.displaced import is_waiting


def upcoming_bookings(
    *, since: datetime, now: datetime, before: Sequence[timedelta], wished_for: str
) -> list[Booking]:
    """Bookings that begin, and of which people were to be reminded after `since`; one query each
    for them and who comes along.

    The reminder is due so long `before` the start, in time that passed: over a change of clocks
    too. What has begun is left out, however late this is asked. With `wished_for`, a kind, only
    those of which somebody wants to hear.
    """
    due = Q()
    for each in before:
        due |= Q(start_time__gt=since + each, start_time__lte=now + each)
    found = (
        Booking.objects.filter(due, status=Status.CONFIRMED, start_time__gt=now)
        .exclude(is_waiting())
        .select_related("resource")
        .prefetch_related("attendees")
        .order_by("start_time", "pk")
    )
    return list(found.filter(_wish(wished_for)) if wished_for else found)


def ending_bookings(*, since: datetime, now: datetime, before: timedelta) -> list[Booking]:
    """Bookings that somebody is checked in to and whose end is due to be told after `since`."""
    found = Booking.objects.filter(
        status=Status.CHECKED_IN,
        end_time__gt=max(since + before, now),
        end_time__lte=now + before,
        # Who booked no more than that knows it.
        start_time__lt=F("end_time") - before,
    ).select_related("resource")
    return list(found.order_by("end_time", "pk"))


def is_outdated(payload: Mapping[str, Any], now: datetime | None) -> bool:
    """Whether what an event reminds of is over, or none of its bookings is as it was.

    Costs a query for reminders alone.
    """
    if "about" not in payload:
        return False
    if now is not None and datetime.fromisoformat(payload["until"]) <= now:
        return True
    as_told = Q()
    for public_id, start, end in payload["about"]:
        as_told |= Q(public_id=UUID(public_id), start_time=start, end_time=end)
    standing = Booking.objects.filter(as_told, status__in=(Status.CONFIRMED, Status.CHECKED_IN))
    return not standing.exclude(is_waiting()).exists()


def _wish(kind: str) -> Exists:
    """Whether one of the booking's people, or the lab for all, chose to hear of a kind."""
    mine = Q(user=OuterRef("user")) | Q(user=None)
    along = Q(user__attendances__booking=OuterRef("pk"))
    wishes = NotificationPreference.objects.filter(mine | along, kind=kind)
    return Exists(wishes.exclude(timing=Timing.OFF))
