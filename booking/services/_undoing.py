"""What an act leaves behind so that its maker can take it back for some minutes."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from booking.enums import Status, VoteState, WaitingKind
from booking.events import post_change
from booking.models import (
    Approval,
    ApprovalVote,
    Booking,
    BookingAttendee,
    Hold,
    OutboxEvent,
    ResourceCalendar,
    UndoableAct,
)
from booking.queries.waiting_list import Freed, fitting_entries, freed_by
from booking.services._changes import post_booking_event
from booking.services._claims import NoRoom, TimeWish, claim_time, release_holds, wishes_for
from booking.services._freed import post_freed
from labitory.lib.db import LostRace
from labitory.lib.periods import Period

UNDO_TIME = timedelta(minutes=10)
# A worker gives the time on when nothing can be undone any longer; so long it may be late.
_LATE = timedelta(minutes=3)
_OPEN = (VoteState.WAITING, VoteState.LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """An act that its maker may take back until then: nobody hears of it before."""

    act_id: uuid.UUID
    until: datetime
    before: dict[str, Any]
    # What keeps the time that became free for those who wait, and for the undoing.
    holds: list[int] = field(default_factory=list)


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
    give_up_holds(booking, now=now)
    before = _as_it_is(booking)
    if with_attendees:
        people = BookingAttendee.objects.filter(booking=booking)
        before["attendees"] = list(people.order_by("pk").values_list("user_id", flat=True))
    return Undoing(act_id=uuid.uuid4(), until=until, before=before)


def note_claims(undoing: Undoing | None, claims: int) -> None:
    """Whether it had its time: what waited for an approval may have left it free."""
    if undoing is not None:
        undoing.before["claims_time"] = claims > 0


def keep_freed(undoing: Undoing | None, booking: Booking, *, now: datetime) -> None:
    """Hold the time that the act frees while it can be undone, if somebody waits for it.

    Nobody else takes it in between: it is given on, or comes back by the undoing. Called when the
    old claims are gone and new ones stand, while the booking still says where it was.
    """
    if undoing is None or not undoing.before["claims_time"]:
        return
    freed = Freed(resource_id=booking.resource.public_id, period=booking.period)
    if not fitting_entries(freed=[freed], kinds=[WaitingKind.HOLD], now=now, limit=1):
        return
    rest = _rest_of(booking)
    if not rest:
        return
    try:
        with transaction.atomic():
            undoing.holds.append(_hold(booking, rest, undoing.until + _LATE, now))
    except (NoRoom, LostRace):
        # Where seats are many others may be faster: then it is simply free.
        return


def _rest_of(booking: Booking) -> list[TimeWish]:
    """What the booking had and has no longer, in the order of the resources."""
    kept = ResourceCalendar.objects.filter(booking=booking).values_list("resource", "during")
    taken = {key: Period(during.lower, during.upper) for key, during in kept}
    rest = (each for wish in wishes_for(booking, 1) for each in _without(wish, taken))
    return sorted(rest, key=lambda each: each.resource_id)


def _hold(booking: Booking, rest: Sequence[TimeWish], until: datetime, now: datetime) -> int:
    """Hold it for the booking's person; gives the hold's key."""
    shown = _without_buffers(booking, rest)
    hold = Hold.objects.create(
        resource=booking.resource,
        user=booking.user,
        start_time=shown.start,
        end_time=shown.end,
        expires_at=until,
        created_at=now,
    )
    claim_time(booking_ids=[0], wishes=rest, hold=hold)
    return hold.pk


def _without_buffers(booking: Booking, rest: Sequence[TimeWish]) -> Period:
    """The part of the booked time that is held, as people read it."""
    start = max(min(each.during.start for each in rest), booking.start_time)
    end = min(max(each.during.end for each in rest), booking.end_time)
    # Where only a buffer is left of it, the booking's own time stands for it.
    return Period(start, end) if start < end else booking.period


def _without(wish: TimeWish, taken: dict[int, Period]) -> Iterable[TimeWish]:
    """The parts of a wish that the booking does not take anew."""
    now_taken, during = taken.get(wish.resource_id), wish.during
    if now_taken is None or not now_taken.overlaps(during):
        yield wish
        return
    if during.start < now_taken.start:
        yield replace(wish, during=Period(during.start, now_taken.start))
    if now_taken.end < during.end:
        yield replace(wish, during=Period(now_taken.end, during.end))


def give_up_holds(booking: Booking, *, now: datetime) -> None:
    """What an earlier move of the booking left comes back no more: whoever waits gets it now.

    The caller is about to do another act that can be undone, and will hold the booking back again.
    """
    if booking.sequence == 0:
        return
    for event in OutboxEvent.objects.filter(
        kind="booking.rescheduled",
        payload__bookings=[str(booking.public_id)],
        payload__has_key="holds",
        dispatched_at=None,
    ):
        freed = freed_by(event.kind, event.payload)
        release_holds(event.payload.pop("holds"))
        event.payload["freed"] = []
        event.save(update_fields=["payload"])
        post_freed([(each.resource_id, each.period) for each in freed], now=now)


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
    # People hear when it is final; calendars show it from now on.
    was = uuid.UUID(undoing.before["resource_id"])
    people = {booking.user_id, booking.created_by_id}
    post_change(booking.resource.public_id, was, people=people, now=now)
    event = post_booking_event(
        kind,
        [booking],
        actor=actor,
        now=now,
        not_before=undoing.until,
        act=str(undoing.act_id),
        **({"holds": undoing.holds} if undoing.holds else {}),
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
