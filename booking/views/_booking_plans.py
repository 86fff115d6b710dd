"""What stands on a booking's page about plans that change."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, Proposal, UndoableAct
from booking.queries.late_cancellations import Melting, melting_of
from booking.queries.proposals import open_proposal
from booking.queries.undo import undoable_act


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What the reader can take back, to whom it is offered, and what melted of it."""

    undoable: UndoableAct | None = None
    proposal: Proposal | None = None
    can_propose: bool = False
    melting: Melting | None = None


def plans_of_booking(*, viewer: User, booking: Booking, now: datetime) -> Plans:
    """One query at most for its person, two while they can undo; one where it was late."""
    is_mine = booking.user_id == viewer.pk
    can_propose = is_mine and booking.status == Status.CONFIRMED and booking.start_time > now
    # What was never changed has nothing to be taken back.
    was_changed = is_mine and booking.sequence > 0
    return Plans(
        undoable=undoable_act(viewer=viewer, booking=booking, now=now) if was_changed else None,
        proposal=open_proposal(booking, now=now) if can_propose else None,
        can_propose=can_propose,
        melting=melting_of([booking])[0] if booking.is_late_cancellation else None,
    )
