"""What an act leaves behind so that its maker can take it back for some minutes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from booking.enums import Status, VoteState
from booking.models import Approval, ApprovalVote, Booking, BookingAttendee, UndoableAct
from booking.services._changes import post_booking_event

UNDO_TIME = timedelta(minutes=10)
_OPEN = (VoteState.WAITING, VoteState.LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """An act that its maker may take back until then: nobody hears of it before."""

    act_id: uuid.UUID
    until: datetime
    before: dict[str, Any]


def begin_undoing(
    actor: User,
    booking: Booking,
    *,
    now: datetime,
    starts: Sequence[datetime],
    with_attendees: bool = False,
) -> Undoing | None:
    """Keep what a booking is before its person changes it, for ten minutes at most.

    None where others must hear at once: somebody else's act, though they made the booking, and
    what begins right now. `starts` are its old and its new start.
    """
    until = min(now + UNDO_TIME, *starts)
    if until <= now or actor.pk != booking.user_id:
        return None
    before = _as_it_is(booking)
    if with_attendees:
        people = BookingAttendee.objects.filter(booking=booking)
        before["attendees"] = list(people.order_by("pk").values_list("user_id", flat=True))
    return Undoing(act_id=uuid.uuid4(), until=until, before=before)


def note_claims(undoing: Undoing | None, claims: int) -> None:
    """Whether it had its time: what waited for an approval may have left it free."""
    if undoing is not None:
        undoing.before["claims_time"] = claims > 0


def post_undoable(
    undoing: Undoing | None,
    kind: str,
    booking: Booking,
    *,
    actor: User,
    now: datetime,
    **payload: Any,
) -> None:
    """Tell of the act, once it can no longer be taken back; at once where it cannot be."""
    if undoing is None:
        post_booking_event(kind, [booking], actor=actor, now=now, **payload)
        return
    event = post_booking_event(
        kind,
        [booking],
        actor=actor,
        now=now,
        not_before=undoing.until,
        act=str(undoing.act_id),
        **payload,
    )
    UndoableAct.objects.create(
        public_id=undoing.act_id,
        actor=actor,
        action=kind,
        booking=booking,
        before=undoing.before,
        sequence=booking.sequence,
        event=event,
        at=now,
        until=undoing.until,
    )


def _as_it_is(booking: Booking) -> dict[str, Any]:
    return {
        "status": booking.status,
        "resource": booking.resource_id,
        "resource_id": str(booking.resource.public_id),
        "start_time": booking.start_time.isoformat(),
        "end_time": booking.end_time.isoformat(),
        "seats": booking.seats,
        "setup_minutes": booking.setup_minutes,
        "cleanup_minutes": booking.cleanup_minutes,
        "purpose": booking.purpose,
        "notes": booking.notes,
        "project": booking.project_id,
        "project_id": str(booking.charged_to) if booking.project else None,
        **(_open_steps(booking) if booking.status == Status.PENDING else {}),
    }


def _open_steps(booking: Booking) -> dict[str, Any]:
    """Who is being asked: taken back, the same people are asked as if nothing had been."""
    steps = Approval.objects.filter(booking=booking, state__in=_OPEN)
    votes = ApprovalVote.objects.filter(approval__booking=booking, state__in=_OPEN)
    return {
        "approvals": {str(key): state for key, state in steps.values_list("pk", "state")},
        "votes": {str(key): state for key, state in votes.values_list("pk", "state")},
    }


def reopen_steps(before: dict[str, Any]) -> None:
    """Ask those again who were being asked when the act was done."""
    for model, name in ((Approval, "approvals"), (ApprovalVote, "votes")):
        for key, state in before.get(name, {}).items():
            closed = {"closed_at": None} if model is Approval else {}
            model.objects.filter(pk=int(key)).update(state=state, **closed)
