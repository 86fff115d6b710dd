"""Bookings that maintenance displaces, inside an open transaction.

Such a booking gives its time back and stands without any until its person has answered the offer
of another: docs/adr/0012.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import OPEN, OfferState, Status
from booking.errors import BookingError, Repair
from booking.events import post_notice
from booking.locks import lock_booking, lock_offer, lock_shared
from booking.models import Booking, MaintenanceRecord, Offer, Resource, ResourceCalendar
from booking.queries.repairs import Asked, suggest_repairs
from booking.services._blocks import in_the_way, require_open, still_in_the_way
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import NoRoom, claim_bookings, release_claims, release_holds
from booking.services._offers import give_back, offer_address, offer_time
from booking.services._shown import require_shown
from labitory.lib.periods import Period

# So long people have to answer, but at most until their booking would have begun.
LASTS = timedelta(days=3)
# Who is displaced at short notice has this long at least, and nobody is moved to sooner than that.
NOTICE = timedelta(hours=2)
# What is further away is no replacement.
FARTHEST = timedelta(days=14)


def lift_out(
    resource: Resource,
    period: Period,
    *,
    actor: User,
    now: datetime,
    shown: Collection[UUID] | None = None,
) -> list[Booking]:
    """Take the time from what stands in the way, for the maintenance that is to be claimed."""
    found = in_the_way([resource], period)
    require_shown(found, shown)
    lock_shared([booking.user_id for booking in found], [])
    lifted = []
    for each in found:
        booking = lock_booking(each.public_id)
        if not still_in_the_way(booking, [resource], period):
            continue
        require_open(booking)
        release_claims(booking)
        booking.sequence += 1
        booking.updated_at = now
        booking.save(update_fields=["sequence", "updated_at"])
        record_booking(booking, "booking.displaced", actor=actor, now=now)
        lifted.append(booking)
    return lifted


def re_plan(
    bookings: Sequence[Booking], maintenance: MaintenanceRecord, *, actor: User, now: datetime
) -> list[Offer]:
    """Offer each displaced booking the nearest other time; one without any is cancelled.

    The soonest choose first, and what is held for one is offered to no other.
    """
    offers = []
    for booking in sorted(bookings, key=lambda each: (each.start_time, each.pk)):
        offer = _offer(booking, maintenance, now)
        if offer is None:
            cancel_displaced(booking, maintenance.title, actor=actor, now=now)
        else:
            offers.append(offer)
    return offers


def is_displaced(booking: Booking) -> bool:
    """Whether the booking still stands without time of its own."""
    return booking.status in OPEN and not booking.claims.exists()


def cancel_displaced(booking: Booking, reason: str, *, actor: User | None, now: datetime) -> None:
    """End a displaced booking that went nowhere, with the reason of the maintenance."""
    before = booking.status
    change_status(booking, Status.CANCELLED, actor=actor, now=now, reason=reason)
    booking.save(update_fields=["status", "sequence", "updated_at"])
    record_booking(
        booking,
        "booking.cancelled",
        actor=actor,
        now=now,
        reason=reason,
        changes={"status": (before, booking.status)},
    )
    post_booking_event("booking.cancelled", [booking], actor=actor, now=now, reason=reason)


def end_displaced(offer: Offer, *, actor: User | None, now: datetime) -> None:
    """What a declined or expired offer leaves behind: the booking is cancelled with the reason.

    The caller holds the offer's lock. A booking that found another way stays as it is.
    """
    if offer.displaced is None:
        return
    booking = lock_booking(offer.displaced.public_id)
    if is_displaced(booking):
        reason = offer.maintenance.title if offer.maintenance else _("No other time was taken.")
        cancel_displaced(booking, reason, actor=actor, now=now)


def call_off(maintenance: MaintenanceRecord, *, now: datetime) -> None:
    """Take planned work back: its claims are gone, what it displaced gets its time again."""
    maintenance.cancelled_at = now
    maintenance.save(update_fields=["cancelled_at"])
    ResourceCalendar.objects.filter(maintenance=maintenance).delete()
    put_back(maintenance, now=now)


def put_back(maintenance: MaintenanceRecord, *, now: datetime) -> None:
    """Give displaced bookings their time again when the work is called off, where it is free."""
    waiting = list(
        Offer.objects.filter(maintenance=maintenance, state=OfferState.OPEN).order_by("pk")
    )
    lock_shared([offer.user_id for offer in waiting], [])
    for each in waiting:
        offer = lock_offer(each.public_id)
        if offer.state != OfferState.OPEN or offer.displaced is None:
            continue
        booking = lock_booking(offer.displaced.public_id)
        if is_displaced(booking) and _reclaim(booking, offer):
            record_booking(booking, "booking.put_back", actor=None, now=now)
            give_back(offer, OfferState.EXPIRED, now=now)
            _tell_stays(booking, offer, now)


def _reclaim(booking: Booking, offer: Offer) -> bool:
    """Take the old time again; what is held instead may lie within it."""
    try:
        with transaction.atomic():
            release_holds([offer.hold_id] if offer.hold_id else [])
            claim_bookings([booking])
    except NoRoom:
        return False
    offer.hold = None
    return True


def _offer(booking: Booking, maintenance: MaintenanceRecord, now: datetime) -> Offer | None:
    lasts = min(max(booking.start_time - now, NOTICE), LASTS)
    if now + lasts > booking.end_time:
        return None
    for repair in _nearest(booking, now):
        resource = Resource.objects.get(public_id=repair.resource_id)
        try:
            with transaction.atomic():
                return offer_time(
                    user=booking.user,
                    resource=resource,
                    period=Period(repair.start_time, repair.end_time),
                    now=now,
                    lasts=lasts,
                    displaced=booking,
                    maintenance=maintenance,
                )
        except BookingError:
            # What the rules refuse after all is no offer: the next one may be.
            continue
    return None


def _nearest(booking: Booking, now: datetime) -> list[Repair]:
    """Other times on the same resource, the nearest first, then another of its type."""
    found = suggest_repairs(
        Asked(
            actor=booking.user,
            user=booking.user,
            resource_ids=[booking.resource.public_id],
            period=booking.period,
            now=now,
            seats=booking.seats,
            existing=booking,
            project_id=booking.charged_to,
            keeps_holds=True,
        )
    ).repairs
    kept = [
        each
        for each in found
        if each.kind != "shorter"
        and now + NOTICE <= each.start_time <= booking.start_time + FARTHEST
    ]
    return sorted(
        kept,
        key=lambda each: (
            each.kind == "other_resource",
            abs(each.start_time - booking.start_time),
        ),
    )


def _tell_stays(booking: Booking, offer: Offer, now: datetime) -> None:
    post_notice(
        kind="maintenance.called_off",
        people=[booking.user_id],
        now=now,
        path=offer_address(offer),
        facts={
            "resource": booking.resource.name,
            "when": {
                "start": booking.start_time.isoformat(),
                "end": booking.end_time.isoformat(),
            },
        },
    )
