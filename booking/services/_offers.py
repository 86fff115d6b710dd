"""Offering held time to one person, inside an open transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from booking.enums import OfferKind
from booking.events import post_notice
from booking.models import Booking, MaintenanceRecord, Offer, Resource, WaitingEntry
from booking.services._booking import BookingDetails, Wish
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
    _tell(offer, now)
    return offer


def _tell(offer: Offer, now: datetime) -> None:
    post_notice(
        kind="offer.made",
        people=[offer.user_id],
        now=now,
        path=reverse("booking:offer", args=[offer.public_id]),
        facts={
            "resource": offer.resource.name,
            "when": {"start": offer.start_time.isoformat(), "end": offer.end_time.isoformat()},
            "until": {"at": offer.expires_at.isoformat()},
        },
    )


def _project_of(entry: WaitingEntry | None, displaced: Booking | None) -> UUID | None:
    if displaced is not None:
        return displaced.charged_to
    return entry.project.public_id if entry is not None and entry.project else None
