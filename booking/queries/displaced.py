"""Bookings that lost their time to maintenance and wait for their person's answer."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from booking.enums import OPEN, OfferState
from booking.models import Booking, Offer, ResourceCalendar


def settled_replacements() -> "QuerySet[Offer]":
    """Open offers whose displaced booking has found another way: moved, put back, or ended."""
    claims = ResourceCalendar.objects.filter(booking=OuterRef("displaced"))
    return Offer.objects.filter(
        Exists(claims) | ~Q(displaced__status__in=OPEN),
        state=OfferState.OPEN,
        displaced__isnull=False,
    )


def open_replacement(booking: Booking) -> Offer | None:
    """What is offered in place of a booking that lost its time."""
    found = Offer.objects.filter(displaced=booking, state=OfferState.OPEN)
    return found.select_related("resource", "maintenance").first()


def is_waiting() -> Exists:
    """Whether a booking has lost its time, as a condition on bookings."""
    return Exists(Offer.objects.filter(displaced=OuterRef("pk"), state=OfferState.OPEN))


def with_replacement(bookings: "QuerySet[Booking]") -> "QuerySet[Any]":
    """Adds `replacement_id`: the offer that waits where a booking lost its time, or None."""
    waiting = Offer.objects.filter(displaced=OuterRef("pk"), state=OfferState.OPEN)
    return bookings.annotate(replacement_id=Subquery(waiting.values("public_id")[:1]))
