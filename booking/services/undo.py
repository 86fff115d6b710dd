"""Taking back what was just done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Status
from booking.errors import ActionRefused, BookingRefused, SlotTaken
from booking.events import post_change
from booking.locks import claim_held, lock_booking
from booking.models import Booking, BookingAttendee, BookingStatus, Resource, UndoableAct
from booking.queries.facts import load_resources, load_time, sane_window
from booking.services._booking import BookingDetails, Decided, Wish, clear_holds, decide, taken
from booking.services._changes import record_booking
from booking.services._claims import NoRoom, claim_time, release_claims, wishes_for
from booking.services._moving import require_may_change
from booking.services._quotas import hold_people
from booking.services._series import include_occurrence
from booking.services._steps import close_steps
from booking.services._undoing import reopen_steps
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

# What others, or the person's own bookings since, can have made impossible. All else was asked
# when it was booked.
_ASKED_AGAIN = ("conflict.", "own.", "quota.", "seats.", "resource.")
_FIELDS = ("seats", "setup_minutes", "cleanup_minutes", "purpose", "notes", "status")
_TOLD = ("resource", "start_time", "end_time", "project", "status")


def undo_act(*, actor: User, act_id: UUID, now: datetime) -> Booking:
    """Take back one's own cancellation or move within ten minutes: nobody ever hears of it.

    The old time is claimed again like any other; somebody may have taken it. What was noted of the
    act stays, and that it was undone is noted too. Raises `UndoableAct.DoesNotExist`, `NotAllowed`,
    `ActionRefused` (too late, undone, changed since), `SlotTaken` and `BookingRefused` (the limits
    were used up since).
    """
    act = UndoableAct.objects.select_related("booking__user").get(public_id=act_id, actor=actor)
    before = act.before
    period = _period_of(before)
    wish = Wish(
        actor=actor,
        user=act.booking.user,
        resource_ids=(UUID(before["resource_id"]),),
        period=period,
        now=now,
        details=BookingDetails(
            seats=before["seats"],
            project_id=UUID(before["project_id"]) if before["project_id"] else None,
        ),
        action="undo",
    )
    resources: list[Resource] = []

    def work() -> Booking:
        resources[:] = load_resources(
            user=wish.user,
            window=sane_window(period, now),
            now=now,
            public_ids=wish.resource_ids,
            project_id=wish.details.project_id,
        )
        return _undo(act, wish, resources)

    try:
        return run_transaction(work)
    except LostRace as error:
        raise taken(resources) from error


def forget_acts(*, now: datetime) -> int:
    """Forget what can no longer be taken back, with the notes it held; gives how many."""
    return run_transaction(lambda: UndoableAct.objects.filter(until__lte=now).delete()[0])


def _undo(act: UndoableAct, wish: Wish, resources: Sequence[Resource]) -> Booking:
    hold_people({wish.user.pk}, resources)
    booking = lock_booking(act.booking.public_id)
    require_may_change(wish.actor, booking)
    act.refresh_from_db(fields=["undone_at"])
    _require_undoable(act, booking, wish.now)
    events = claim_held(act=act.public_id, now=wish.now)
    if not events:
        raise _too_late()
    [decided] = _decide(wish, resources, booking)
    told = {name: getattr(booking, name) for name in _TOLD}
    moved = {booking.resource.public_id, resources[0].public_id}
    booking.resource = resources[0]
    _restore(booking, act, wish)
    _claim(booking, decided, resources, is_claimed=act.before["claims_time"])
    booking.save()
    if act.action == "booking.cancelled":
        include_occurrence(booking)
    record_booking(
        booking,
        "booking.undone",
        actor=wish.actor,
        now=wish.now,
        changes={name: (was, getattr(booking, name)) for name, was in told.items()},
        facts={"act": act.action},
    )
    for event in events:
        event.delete()
    post_change(*moved, people={booking.user_id, booking.created_by_id}, now=wish.now)
    act.undone_at = wish.now
    act.event = None
    act.save(update_fields=["undone_at", "event"])
    return booking


def _require_undoable(act: UndoableAct, booking: Booking, now: datetime) -> None:
    if act.undone_at is not None:
        raise ActionRefused(code="undo.done", text=_("This was undone already."))
    if act.until <= now:
        raise _too_late()
    if booking.sequence != act.sequence:
        raise ActionRefused(
            code="undo.changed",
            text=_("The booking was changed again since: this can no longer be undone."),
        )


def _too_late() -> ActionRefused:
    return ActionRefused(
        code="undo.late",
        text=_("It is too late to undo this: it was told to everybody. Book the time again."),
    )


def _decide(wish: Wish, resources: Sequence[Resource], booking: Booking) -> list[Decided]:
    """Ask what may have changed since; what an exception lifted once stays lifted."""
    facts = load_time(
        resources=resources,
        actor=wish.actor,
        user=wish.user,
        window=sane_window(wish.period, wish.now),
        now=wish.now,
        existing=booking,
    )
    decided = decide(wish, resources, facts, booking)
    lifted = {
        entry["code"]
        for trace in booking.decisions.values_list("trace", flat=True)
        for entry in trace
        if entry["overridden"]
    }
    refusals = [
        each
        for each in decided[0].refusals
        if each.code.startswith(_ASKED_AGAIN) and each.code not in lifted
    ]
    if any(each.code.startswith("conflict.") for each in refusals):
        raise SlotTaken(refusals)
    if refusals:
        raise BookingRefused(refusals)
    return decided


def _restore(booking: Booking, act: UndoableAct, wish: Wish) -> None:
    """The booking as it was, with one step more in its life where its status changes back."""
    before = act.before
    was = booking.status
    if was == Status.PENDING:
        close_steps(booking, now=wish.now)
    for name in _FIELDS:
        setattr(booking, name, before[name])
    booking.start_time, booking.end_time = wish.period.start, wish.period.end
    booking.project_id = before["project"]
    booking.is_late_cancellation = False
    booking.sequence += 1
    booking.updated_at = wish.now
    reopen_steps(before)
    if "attendees" in before:
        booking.attendees.all().delete()
        BookingAttendee.objects.bulk_create(
            BookingAttendee(booking=booking, user_id=key) for key in before["attendees"]
        )
    if booking.status != was:
        BookingStatus.objects.create(
            booking=booking,
            from_status=was,
            to_status=booking.status,
            actor=wish.actor,
            reason=_("Undone."),
            at=wish.now,
        )


def _claim(
    booking: Booking, decided: Decided, resources: Sequence[Resource], *, is_claimed: bool
) -> None:
    release_claims(booking)
    if not is_claimed:
        return
    clear_holds([decided])
    wishes = sorted(wishes_for(booking, 1), key=lambda each: each.resource_id)
    try:
        claim_time(booking_ids=[booking.pk], wishes=wishes)
    except NoRoom:
        raise taken(resources) from None


def _period_of(before: dict[str, Any]) -> Period:
    return Period(
        datetime.fromisoformat(before["start_time"]), datetime.fromisoformat(before["end_time"])
    )
