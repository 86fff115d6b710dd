"""What the time for answering brings about, inside an open transaction."""

from datetime import datetime

from booking.enums import Status
from booking.models import Booking
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims


def reject_unanswered(booking: Booking, reason: str, *, now: datetime) -> None:
    """Refuse a booking on which nobody decided in time, and give its time back."""
    before = booking.status
    change_status(booking, Status.REJECTED, actor=None, now=now, reason=reason)
    booking.save(update_fields=["status", "sequence", "updated_at"])
    release_claims(booking)
    record_booking(
        booking,
        "booking.rejected",
        actor=None,
        now=now,
        reason=reason,
        changes={"status": (before, booking.status)},
    )
    post_booking_event("booking.rejected", [booking], actor=None, now=now, reason=reason)
