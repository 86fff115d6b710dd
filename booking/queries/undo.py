"""Reading what can still be taken back."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from accounts.models import User
from booking.models import Booking, UndoableAct


def undoable_act(*, viewer: User, booking: Booking, now: datetime) -> UndoableAct | None:
    """The person's last act on a booking, while it can be undone."""
    return (
        UndoableAct.objects.filter(
            actor=viewer,
            booking=booking,
            undone_at=None,
            until__gt=now,
            sequence=F("booking__sequence"),
        )
        .order_by("-pk")
        .first()
    )


def last_act(*, viewer: User, public_id: UUID) -> UndoableAct | None:
    """The person's last act on the booking of that id, whether it can still be undone or not."""
    acts = UndoableAct.objects.filter(actor=viewer, booking__public_id=public_id)
    return acts.order_by("-pk").first()
