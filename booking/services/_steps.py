"""The steps that a booking waits for, inside an open transaction that holds its lock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from booking.enums import VoteState
from booking.models import Approval, ApprovalVote, Booking
from booking.queries.approvals import Ask, approvers_of
from booking.rules.approvals import ApprovalPlan

_OPEN = (VoteState.WAITING, VoteState.LATER)


def open_steps(asked: Sequence[tuple[Booking, ApprovalPlan]], *, now: datetime) -> None:
    """Ask for all bookings that need it: the first step waits, the others for their turn.

    Three statements, however many bookings; none where nobody is asked.
    """
    wanted = [(booking, plan, step) for booking, plan in asked for step in plan.steps]
    if not wanted:
        return
    asks = [
        Ask(booking=booking, approver=step.approver, role=step.role, person_id=step.person_id)
        for booking, _plan, step in wanted
    ]
    people = approvers_of(asks, now=now)
    approvals = [
        Approval(
            booking=booking,
            position=step.position,
            approver=step.approver,
            needed=step.needed,
            answer_hours=plan.answer_hours,
            state=VoteState.LATER,
        )
        for booking, plan, step in wanted
    ]
    for approval in approvals:
        if approval.position == 1:
            _begin(approval, now)
    Approval.objects.bulk_create(approvals)
    ApprovalVote.objects.bulk_create(
        ApprovalVote(approval=approval, user_id=key, state=approval.state)
        for approval, keys in zip(approvals, people, strict=True)
        for key in keys
    )


def close_steps(booking: Booking, *, now: datetime) -> None:
    """Nobody is asked any longer: it was decided, cancelled, or will be asked anew."""
    close_all_steps([booking], now=now)


def close_all_steps(bookings: Sequence[Booking], *, now: datetime) -> None:
    """The same for many bookings."""
    if not bookings:
        return
    ApprovalVote.objects.filter(approval__booking__in=bookings, state__in=_OPEN).update(
        state=VoteState.CLOSED
    )
    Approval.objects.filter(booking__in=bookings, state__in=_OPEN).update(
        state=VoteState.CLOSED, closed_at=now
    )


def begin_next_step(booking: Booking, *, now: datetime) -> Approval | None:
    """Ask the people of the next step, or whoever may approve when they are all gone.

    None when there is no other step.
    """
    approval = booking.approvals.filter(state=VoteState.LATER).order_by("position").first()
    if approval is None:
        return None
    approval.booking = booking
    _begin(approval, now)
    approval.save(update_fields=["state", "asked_at", "due_at"])
    later = approval.votes.filter(state=VoteState.LATER)
    if not later.filter(user__is_active=True).update(state=VoteState.WAITING):
        ask_others(approval, now=now)
    return approval


def ask_others(approval: Approval, *, now: datetime) -> list[int]:
    """Ask those who may approve on the resource as well; gives their keys."""
    [keys] = approvers_of([Ask(booking=approval.booking)], now=now)
    ApprovalVote.objects.bulk_create(
        (ApprovalVote(approval=approval, user_id=key) for key in keys), ignore_conflicts=True
    )
    return keys


def _begin(approval: Approval, now: datetime) -> None:
    """From now on it waits: half of the time until the start at most, so that others can help."""
    approval.state, approval.asked_at = VoteState.WAITING, now
    until_start = max(approval.booking.start_time - now, timedelta())
    approval.due_at = now + min(timedelta(hours=approval.answer_hours), until_start / 2)
