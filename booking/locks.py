"""The only row locks of the house."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from booking.models.bookings import Booking
from booking.models.events import OutboxEvent
from booking.models.notifications import EmailMessage


def lock_user(user_id: int) -> User:
    """Hold a person's row, so that two tabs of one person count each other's bookings.

    NO KEY: a plain FOR UPDATE would block every insert that refers to the person.
    """
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def lock_booking(public_id: UUID) -> Booking:
    """Hold a booking while it changes. Take it after the person's row, never before."""
    return (
        Booking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource", "user", "created_by")
        .get(public_id=public_id)
    )


def claim_events(*, now: datetime, limit: int) -> list[OutboxEvent]:
    """Take events that are due and that no other worker holds, oldest first."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    waiting = OutboxEvent.objects.select_for_update(skip_locked=True, no_key=True)
    return list(waiting.filter(due, dispatched_at=None).order_by("id")[:limit])


def claim_email(pk: int) -> EmailMessage | None:
    """Take one mail to send, or None when another worker has it."""
    return (
        EmailMessage.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("user__preferences", "event")
        .filter(pk=pk)
        .first()
    )
