"""Whom to remind of what begins or ends soon, and whether it is still so."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from booking.enums import OfferState, Status, Timing
from booking.models import (
    Booking,
    Hold,
    NotificationPreference,
    NotificationSchedule,
    Offer,
    OutboxEvent,
)
from booking.queries.check_ins import with_terms
from booking.queries.displaced import is_waiting, settled_replacements

Told = Sequence[Sequence[str]]


def upcoming_bookings(
    *, since: datetime, now: datetime, before: Collection[timedelta], wished_for: str
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


def own_leads(users: Iterable[int]) -> dict[int, timedelta]:
    """How long before their bookings those want to be reminded who chose it themselves."""
    chosen = NotificationSchedule.objects.filter(user__in=users, remind_minutes__isnull=False)
    rows = chosen.values_list("user", "remind_minutes")
    return {user: timedelta(minutes=minutes) for user, minutes in rows if minutes is not None}


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


def awaited_bookings(
    *, since: datetime, now: datetime, before: timedelta
) -> list[tuple[Booking, datetime]]:
    """Bookings that nobody has come for and that count as missed so soon, and when; due after
    `since`.

    Whose grace is less than twice as long is left out.
    """
    begun = Booking.objects.filter(status=Status.CONFIRMED, start_time__lte=now)
    awaited = with_terms(begun.exclude(is_waiting())).filter(
        lapses_at__gt=max(since + before, now),
        lapses_at__lte=now + before,
        start_time__lte=F("lapses_at") - 2 * before,
    )
    found = awaited.select_related("resource").prefetch_related("attendees")
    return [(each, each.lapses_at) for each in found.order_by("lapses_at", "pk")]


def ending_holds(*, since: datetime, now: datetime, before: Sequence[timedelta]) -> list[Hold]:
    """What people keep and have not booked, and whose end is due to be told after `since`.

    What is kept while a change can be undone belongs to the change, and is left out.
    """
    due = _ends(since, now, before, begun="created_at")
    found = Hold.objects.filter(due, expires_at__gt=now, offer__isnull=True)
    holds = list(found.select_related("resource").order_by("user", "expires_at", "pk"))
    if not holds:
        return []
    changing = OutboxEvent.objects.filter(dispatched_at=None, payload__has_key="holds")
    kept = {key for keys in changing.values_list("payload__holds", flat=True) for key in keys}
    return [hold for hold in holds if hold.pk not in kept]


def ending_offers(*, since: datetime, now: datetime, before: Sequence[timedelta]) -> list[Offer]:
    """Offers that nobody has answered, whose end is due to be told after `since`.

    Whose person has found another way, or booked it as usual, is left out.
    """
    due = _ends(since, now, before, begun="offered_at")
    found = Offer.objects.filter(
        due, expires_at__gt=now, state=OfferState.OPEN, hold__isnull=False
    ).exclude(pk__in=settled_replacements().values("pk"))
    return list(found.select_related("resource").order_by("user", "expires_at", "pk"))


def is_outdated(payload: Mapping[str, Any], now: datetime | None) -> bool:
    """Whether what an event reminds of is over, or none of it is as it was.

    Costs a query for reminders alone.
    """
    for name, stands in _STANDING.items():
        if name in payload:
            is_over = now is not None and datetime.fromisoformat(payload["until"]) <= now
            return is_over or not stands(payload[name])
    return False


def _ends(since: datetime, now: datetime, before: Sequence[timedelta], *, begun: str) -> Q:
    """What ends so soon: of `before`, the longest first, what is half of its life or less."""
    due, longer = Q(), Q()
    for each in before:
        lives_on = Q(**{f"{begun}__lte": F("expires_at") - 2 * each})
        due |= Q(expires_at__gt=since + each, expires_at__lte=now + each) & lives_on & ~longer
        longer |= lives_on
    return due


def _any_booking(
    told: Told, *, states: Sequence[Status] = (Status.CONFIRMED, Status.CHECKED_IN)
) -> bool:
    as_told = Q()
    for public_id, start, end in told:
        as_told |= Q(public_id=UUID(public_id), start_time=start, end_time=end)
    standing = Booking.objects.filter(as_told, status__in=states)
    return standing.exclude(is_waiting()).exists()


def _any_hold(told: Told) -> bool:
    return Hold.objects.filter(_until_as_told(told)).exists()


def _any_offer(told: Told) -> bool:
    offers = Offer.objects.filter(_until_as_told(told), state=OfferState.OPEN, hold__isnull=False)
    return offers.exclude(pk__in=settled_replacements().values("pk")).exists()


def _until_as_told(told: Told) -> Q:
    as_told = Q()
    for public_id, until in told:
        as_told |= Q(public_id=UUID(public_id), expires_at=until)
    return as_told


# By what an event says that it tells of.
_STANDING: Mapping[str, Callable[[Told], bool]] = {
    "about": _any_booking,
    # Whoever has come by now is not waited for.
    "awaited": partial(_any_booking, states=(Status.CONFIRMED,)),
    "held": _any_hold,
    "offered": _any_offer,
}


def _wish(kind: str) -> Exists:
    """Whether one of the booking's people, or the lab for all, chose to hear of a kind."""
    mine = Q(user=OuterRef("user")) | Q(user=None)
    along = Q(user__attendances__booking=OuterRef("pk"))
    wishes = NotificationPreference.objects.filter(mine | along, kind=kind)
    return Exists(wishes.exclude(timing=Timing.OFF))
