"""Deciding on bookings that wait for approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Needed, Status, VoteState
from booking.errors import ActionRefused, BookingError, BookingRefused, NotAllowed, SlotTaken
from booking.locks import lock_booking, lock_user
from booking.models import Approval, ApprovalVote, Booking
from booking.permissions import can_decide_booking, where_of
from booking.queries.approvals import castable_votes, find_step
from booking.queries.bookings import visible_bookings
from booking.rules import check_booking
from booking.services._approvals import lifted_codes, request_as_it_stands
from booking.services._booking import (
    BookingDetails,
    Decided,
    Wish,
    clear_holds,
    taken,
    time_wishes,
    write_decisions,
)
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import NoRoom, claim_time, release_claims
from booking.services._steps import begin_next_step
from labitory.lib.db import LostRace, run_transaction

# What the passing of time alone brings about is no reason to refuse an approval.
_NOT_ASKED_AGAIN = frozenset({"lead.too_soon"})
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one of several decisions: the booking, or why not."""

    booking_id: UUID
    # What it is called, as far as the actor may know.
    label: str = ""
    booking: Booking | None = None
    error: BookingError | None = None


def approve_booking(*, actor: User, booking_id: UUID, now: datetime, reason: str = "") -> Booking:
    """Agree to a booking that waits. The last step asks the rules again and confirms it.

    Whoever is asked answers, for themselves and for those who let them; who may approve on the
    resource answers for the whole step. Nobody approves their own. A booking that held no time
    takes it now, and may lose it to somebody else.

    Raises `Booking.DoesNotExist`, `NotAllowed`, `ActionRefused` when it no longer waits or the
    time to answer is over, `BookingRefused` and `SlotTaken` when it would no longer be allowed.
    What the rules said is kept either way.
    """
    refused: list[tuple[Wish, Decided, Booking]] = []

    def work() -> Booking:
        booking, step = _lock(actor, booking_id, now)
        if _is_late(booking, step, now):
            raise ActionRefused(
                code="approval.late",
                text=_("The time to answer is over: the booking must be asked for again."),
            )
        if not _cast(booking, step, VoteState.APPROVED, actor, now, reason):
            return _note(booking, "booking.step_approved", actor, now, reason)
        if begin_next_step(booking, now=now) is not None:
            post_booking_event("booking.requested", [booking], actor=actor, now=now)
            return _note(booking, "booking.step_approved", actor, now, reason)
        wish, decided = _ask_again(actor, booking, now)
        if decided.refusals:
            refused[:] = [(wish, decided, booking)]
            raise _refusal(decided)
        _claim(booking, decided)
        write_decisions(wish, [decided], [booking])
        return _decide(booking, Status.CONFIRMED, "booking.approved", actor, now, reason)

    def keep() -> None:
        for wish, decided, booking in refused:
            write_decisions(wish, [decided], [booking])

    try:
        return run_transaction(work)
    except LostRace as error:
        booking = Booking.objects.select_related("resource").get(public_id=booking_id)
        raise taken([booking.resource]) from error
    except BookingRefused:
        run_transaction(keep)
        raise


def reject_booking(*, actor: User, booking_id: UUID, now: datetime, reason: str) -> Booking:
    """Refuse a booking that waits, with a reason, and give its time back; one no is enough.

    Raises as `approve_booking` does.
    """
    _require_reason(reason)

    def work() -> Booking:
        booking, step = _lock(actor, booking_id, now)
        _cast(booking, step, VoteState.REJECTED, actor, now, reason.strip())
        release_claims(booking)
        return _decide(booking, Status.REJECTED, "booking.rejected", actor, now, reason.strip())

    return run_transaction(work)


def decide_bookings(
    *, actor: User, booking_ids: Sequence[UUID], approve: bool, now: datetime, reason: str = ""
) -> list[Answer]:
    """Approve or reject several bookings, each for itself: one that fails stops no other.

    Gives what became of each, in order. Raises `ActionRefused` when nothing or too much is chosen,
    or a rejection has no reason.
    """
    chosen = list(dict.fromkeys(booking_ids))
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        raise ActionRefused(
            code="approval.chosen",
            text=_("Choose between one and %(most)s bookings.") % {"most": MOST_AT_ONCE},
            field="booking",
            status=422,
        )
    if not approve:
        _require_reason(reason)
    act = approve_booking if approve else reject_booking
    found = visible_bookings(actor).filter(public_id__in=chosen)
    names = {each.public_id: f"{each.resource.name}, {each.user}" for each in found}
    answers = []
    for booking_id in chosen:
        try:
            booking = act(actor=actor, booking_id=booking_id, now=now, reason=reason)
            answers.append(Answer(booking_id=booking_id, booking=booking))
        except BookingError as error:
            label = names.get(booking_id, "")
            answers.append(Answer(booking_id=booking_id, label=label, error=error))
        except Booking.DoesNotExist:
            gone = ActionRefused(code="approval.unknown", text=_("There is no such booking."))
            answers.append(Answer(booking_id=booking_id, error=gone))
    return answers


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ActionRefused(
            code="approval.reason",
            text=_("Say why, so that the person can do better next time."),
            field="reason",
            status=422,
        )


def _lock(actor: User, booking_id: UUID, now: datetime) -> tuple[Booking, Approval | None]:
    # The person's row first, as everywhere: a booking's lock never waits for a person's.
    owner = Booking.objects.values_list("user_id", flat=True).get(public_id=booking_id)
    lock_user(owner)
    booking = lock_booking(booking_id)
    if booking.status != Status.PENDING and _was_asked(actor, booking):
        raise ActionRefused(
            code="approval.decided",
            text=_("This booking no longer waits for approval: it is %(status)s.")
            % {"status": booking.get_status_display()},
        )
    step = find_step(booking)
    asked = step is not None and castable_votes(actor, now=now).filter(approval=step).exists()
    if not can_decide_booking(actor, booking, is_asked=asked, in_steps=step is not None):
        raise NotAllowed(
            code="permission.approve",
            text=_("Only who is asked and lab managers decide, and never on their own."),
            needs="booking.approve",
            where=where_of(booking.resource),
        )
    return booking, step


def _was_asked(actor: User, booking: Booking) -> bool:
    """Whether the actor could have decided: others learn nothing about it."""
    votes = ApprovalVote.objects.filter(approval__booking=booking)
    return (
        can_decide_booking(actor, booking, is_asked=False, in_steps=False)
        or votes.filter(Q(user=actor) | Q(answered_by=actor)).exists()
    )


def _is_late(booking: Booking, step: Approval | None, now: datetime) -> bool:
    """Whether it would be refused by itself by now: jobs only write down what time decides."""
    return booking.start_time <= now or (step is not None and step.is_over(now))


def _cast(
    booking: Booking,
    step: Approval | None,
    state: VoteState,
    actor: User,
    now: datetime,
    reason: str,
) -> bool:
    """Write the answer of whoever is asked; gives whether the step is decided by it."""
    if step is None:
        return True
    said = {"state": state, "answered_by": actor, "answered_at": now, "reason": reason[:500]}
    mine = castable_votes(actor, now=now).filter(approval=step)
    keys = list(mine.values_list("pk", flat=True))
    if keys:
        ApprovalVote.objects.filter(pk__in=keys).update(**said)
    else:
        # Who may approve there answers for all who are asked.
        ApprovalVote.objects.update_or_create(approval=step, user=actor, defaults=said)
    waiting = step.votes.filter(state=VoteState.WAITING)
    if keys and state == VoteState.APPROVED and step.needed == Needed.ALL and waiting.exists():
        return False
    waiting.update(state=VoteState.CLOSED)
    step.state, step.closed_at = state, now
    step.save(update_fields=["state", "closed_at"])
    return True


def _ask_again(actor: User, booking: Booking, now: datetime) -> tuple[Wish, Decided]:
    """Ask the rules about it as things stand; what an exception lifted for it stays lifted."""
    resource, request = request_as_it_stands(booking, actor=actor, now=now)
    found = [each for each in check_booking(request) if each.code not in _NOT_ASKED_AGAIN]
    lifted = lifted_codes(booking) if found else frozenset()
    overridden = tuple(each for each in found if each.is_overridable and each.code in lifted)
    wish = Wish(
        actor=actor,
        user=booking.user,
        resource_ids=(booking.resource.public_id,),
        period=booking.period,
        now=now,
        details=BookingDetails(seats=booking.seats),
        action="approve",
    )
    decided = Decided(
        resource=resource,
        request=request,
        refusals=tuple(each for each in found if each not in overridden),
        overridden=overridden,
    )
    return wish, decided


def _refusal(decided: Decided) -> BookingRefused:
    is_taken = any(each.code.startswith("conflict.") for each in decided.refusals)
    return SlotTaken(decided.refusals) if is_taken else BookingRefused(decided.refusals)


def _claim(booking: Booking, decided: Decided) -> None:
    """What waited without holding its time takes it now."""
    if booking.claims.exists():
        return
    clear_holds([decided])
    try:
        claim_time(booking_ids=[booking.pk], wishes=time_wishes([decided]))
    except NoRoom:
        raise taken([booking.resource]) from None


def _note(booking: Booking, action: str, actor: User, now: datetime, reason: str) -> Booking:
    record_booking(booking, action, actor=actor, now=now, reason=reason)
    return booking


def _decide(
    booking: Booking, status: Status, action: str, actor: User, now: datetime, reason: str
) -> Booking:
    before = booking.status
    change_status(booking, status, actor=actor, now=now, reason=reason)
    booking.save(update_fields=["status", "sequence", "updated_at"])
    record_booking(
        booking,
        action,
        actor=actor,
        now=now,
        reason=reason,
        changes={"status": (before, booking.status)},
    )
    post_booking_event(action, [booking], actor=actor, now=now, reason=reason)
    return booking
