"""Offering held time to one person, inside an open transaction."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from audit.services import record
from booking.enums import OfferKind, OfferState
from booking.events import post_notice
from booking.models import Booking, MaintenanceRecord, Offer, Resource, WaitingEntry
from booking.services._booking import BookingDetails, Wish
from booking.services._claims import release_holds
from booking.services._freed import post_freed
from booking.services._holds import hold_for
from labitory.lib.periods import Period


def offer_time(
    *,
    user: User,
    resource: Resource,
    period: Period,
    now: datetime,
    lasts: timedelta,
    entry: WaitingEntry | None = None,
    displaced: Booking | None = None,
    maintenance: MaintenanceRecord | None = None,
) -> Offer:
    """Hold time for somebody and tell them: for a place on the waiting list, or for a booking.

    What the person could not book cannot be offered. The hold ends at the latest with the offered
    time. The caller holds the person's lock. Raises `BookingRefused`, `SlotTaken` and `LostRace`.
    """
    until = min(now + lasts, period.end)
    wish = Wish(
        actor=user,
        user=user,
        resource_ids=(resource.public_id,),
        period=period,
        now=now,
        details=BookingDetails(
            seats=displaced.seats if displaced else 1,
            project_id=_project_of(entry, displaced),
        ),
        action="offer",
    )
    hold = hold_for(wish, until=until, existing=displaced)
    offer = Offer.objects.create(
        kind=OfferKind.REPLACEMENT if displaced else OfferKind.WAITING,
        user=user,
        resource=resource,
        start_time=period.start,
        end_time=period.end,
        hold=hold,
        entry=entry,
        displaced=displaced,
        maintenance=maintenance,
        offered_at=now,
        expires_at=until,
    )
    record_offer("offer.made", offer, actor=None, now=now)
    _tell(offer, now)
    return offer


def offer_address(offer: Offer) -> str:
    """The page on which its person answers it."""
    return reverse("booking:offer", args=[offer.public_id])


def give_back(offer: Offer, state: OfferState, *, now: datetime) -> None:
    """End an open offer without a booking of its own; its time goes to whoever waits next.

    The caller holds the offer's lock.
    """
    if offer.hold is not None:
        release_holds([offer.hold.pk])
    offer.hold = None
    offer.state, offer.answered_at = state, now
    offer.save(update_fields=["hold", "state", "answered_at"])
    post_freed([(offer.resource.public_id, offer.period)], now=now)


def record_offer(action: str, offer: Offer, *, actor: User | None, now: datetime) -> None:
    """Write the audit record of what became of an offer."""
    record(
        action=action,
        actor=actor,
        target=offer,
        now=now,
        facts={
            "user": offer.user.full_name,
            "resource": offer.resource.name,
            "start_time": offer.start_time,
            "end_time": offer.end_time,
        },
    )


def _tell(offer: Offer, now: datetime) -> None:
    post_notice(
        kind="offer.made" if offer.displaced is None else "offer.replacement",
        people=[offer.user_id],
        now=now,
        path=offer_address(offer),
        facts={
            "resource": offer.resource.name,
            "when": {"start": offer.start_time.isoformat(), "end": offer.end_time.isoformat()},
            "until": {"at": offer.expires_at.isoformat()},
            **_was(offer),
        },
    )


def _was(offer: Offer) -> dict[str, Any]:
    """What the offered time is to stand for, and why."""
    if offer.displaced is None:
        return {}
    was = offer.displaced
    return {
        "was": {"start": was.start_time.isoformat(), "end": was.end_time.isoformat()},
        "was_on": was.resource.name,
        "reason": offer.maintenance.title if offer.maintenance else "",
    }


def _project_of(entry: WaitingEntry | None, displaced: Booking | None) -> UUID | None:
    if displaced is not None:
        return displaced.charged_to
    return entry.project.public_id if entry is not None and entry.project else None
