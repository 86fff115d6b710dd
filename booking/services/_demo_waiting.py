"""Waiting in the demonstration: slots, standing orders, alerts, and offers in every state."""

from datetime import datetime, time, timedelta
from typing import Any

from accounts.models import User
from booking.enums import OfferKind, OfferState, Status, WaitingKind, WaitingState
from booking.errors import BookingRefused
from booking.models import (
    Booking,
    Offer,
    OutboxEvent,
    Resource,
    ResourceType,
    WaitingEntry,
)
from booking.queries.free_slots import free_slots
from booking.services._offers import offer_time
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Longer than in real life: whoever looks at the demonstration later still finds it.
OFFERED_FOR = timedelta(hours=12)


def make_waiting(*, cast: dict[str, User], now: datetime) -> None:
    """Ada has an offer and waits behind others; Ben has a standing order; Eve wants to know."""
    ada, ben, chris, eve = (cast[name] for name in ("ada", "ben", "chris", "eve"))
    light = ResourceType.objects.get(name="Light microscope")
    confocal = Resource.objects.get(name="Confocal 1")
    whole = now.replace(minute=0, second=0, microsecond=0)
    for person, days in ((ben, 4), (chris, 6)):
        _entry(
            person,
            Period(whole, whole + days * DAY),
            now - 2 * DAY,
            resource_type=light,
            minutes=120,
            weekdays=[0, 1, 2, 3, 4],
            day_from=time(8),
            day_until=time(12),
        )
    busy = _next_booking(confocal, but=ada, now=now)
    if busy is not None:
        _entry(ada, busy.period, now - DAY, resource=confocal, purpose="Fixed cells, two channels")
        _entry(eve, busy.period, now - HOUR, resource=confocal, kind=WaitingKind.ALERT)
    _offer(ada, Period(whole + DAY, whole + 8 * DAY), light, now)
    _past_offers(ada, confocal, now)


def _entry(user: User, window: Period, at: datetime, **fields: Any) -> WaitingEntry:
    return WaitingEntry.objects.create(
        **{
            "user": user,
            "earliest": window.start,
            "latest": window.end,
            "minutes": window.minutes,
            "created_at": at,
            **fields,
        }
    )


def _next_booking(resource: Resource, *, but: User, now: datetime) -> Booking | None:
    """The next booking that stands in somebody's way."""
    coming = Booking.objects.filter(
        resource=resource, status=Status.CONFIRMED, start_time__gt=now + HOUR
    )
    return coming.exclude(user=but).order_by("start_time").first()


def _offer(user: User, window: Period, kind: ResourceType, now: datetime) -> None:
    """Hold the first free hour that the person may book."""
    found = free_slots(user=user, now=now, window=window, minimum=HOUR, type_id=kind.public_id)
    entry = _entry(user, window, now - DAY, resource_type=kind, minutes=60, purpose="Overview")
    for slot in found:
        period = Period(slot.start_time, slot.start_time + HOUR)
        resource = Resource.objects.get(public_id=slot.resource_id)
        try:
            run_transaction(
                lambda: offer_time(
                    user=user,
                    resource=resource,  # noqa: B023 - runs at once
                    period=period,  # noqa: B023 - runs at once
                    now=now,
                    lasts=OFFERED_FOR,
                    entry=entry,
                )
            )
        except BookingRefused:
            continue
        entry.state = WaitingState.OFFERED
        entry.save(update_fields=["state"])
        # Who was made up gets no mail.
        OutboxEvent.objects.filter(kind="offer.made", dispatched_at=None).update(dispatched_at=now)
        return


def _past_offers(user: User, resource: Resource, now: datetime) -> None:
    """One that was turned down, and one that ran out."""
    for days, state, ended in (
        (9, OfferState.DECLINED, WaitingState.WITHDRAWN),
        (5, OfferState.EXPIRED, WaitingState.ENDED),
    ):
        start = now.replace(minute=0, second=0, microsecond=0) - days * DAY
        period = Period(start, start + HOUR)
        missed = 1 if state == OfferState.EXPIRED else 0
        entry = _entry(
            user, period, start - 2 * DAY, resource=resource, state=ended, missed_offers=missed
        )
        Offer.objects.create(
            kind=OfferKind.WAITING,
            user=user,
            resource=resource,
            start_time=period.start,
            end_time=period.end,
            entry=entry,
            state=state,
            offered_at=start - DAY,
            expires_at=start - DAY + HOUR / 2,
            answered_at=start - DAY + HOUR / 2,
        )
