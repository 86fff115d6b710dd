"""Moving bookings inside an open transaction."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Status
from booking.errors import ActionRefused, BookingOver, NotAllowed
from booking.locks import lock_booking
from booking.models import Booking, Resource
from booking.permissions import can_change_booking, can_move_booking, where_of
from booking.services._booking import (
    Decided,
    Wish,
    claimed_wishes,
    clear_holds,
    find_resources,
    first_status,
    taken,
    write_decisions,
)
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import NoRoom, claim_time, release_claims
from booking.services._freed import told_freed
from booking.services._making import (
    ask_rules,
    overridden_codes,
    project_of,
    replace_attendees,
    require_may_override,
)
from booking.services._quotas import hold_people
from booking.services._steps import close_steps, open_steps
from booking.services._undoing import (
    Undoing,
    begin_undoing,
    keep_freed,
    note_claims,
    post_undoable,
)
from labitory.lib.periods import Period


def move_booking(wish: Wish, booking_id: UUID, *, version: str = "") -> Booking:
    """Move a booking to the wish's time and resource, or raise; every rule is asked again.

    `version` is the booking's when the wish was made: what somebody changed since is not
    overwritten. When the new time is taken the old claim stands untouched.
    """
    resources = find_resources(wish)
    hold_people({wish.user.pk}, resources)
    booking = lock_booking(booking_id)
    require_may_change(wish.actor, booking)
    if not can_move_booking(wish.actor, booking, resources[0]):
        raise refuse_stranger(resources[0])
    require_may_override(wish, resources)
    if not booking.is_open or booking.end_time <= wish.now:
        raise BookingOver(booking.get_status_display())
    require_unchanged(booking, version)
    decided = ask_rules(wish, resources, booking)
    undoing = _begin_undoing(wish, booking)
    before = (booking.resource, booking.start_time, booking.end_time)
    was_charged = booking.project
    note_claims(undoing, release_claims(booking))
    clear_holds(decided)
    try:
        claim_time(booking_ids=[booking.pk], wishes=claimed_wishes(decided))
    except NoRoom:
        raise taken(resources) from None
    keep_freed(undoing, booking, now=wish.now)
    _write_move(wish, booking, decided[0])
    write_decisions(wish, decided, [booking])
    record_booking(
        booking,
        "booking.rescheduled",
        actor=wish.actor,
        now=wish.now,
        reason=wish.override,
        changes={
            "resource": (before[0].name, booking.resource.name),
            "start_time": (before[1], booking.start_time),
            "end_time": (before[2], booking.end_time),
            "project": (was_charged, booking.project),
            **replace_attendees(booking, wish.details.attendee_ids),
        },
        facts=overridden_codes(decided),
        quotas=decided[0].request.resource.quotas,
    )
    if wish.is_told:
        _tell_move(wish, booking, before, undoing)
    return booking


def _begin_undoing(wish: Wish, booking: Booking) -> Undoing | None:
    if not wish.is_told:
        return None
    return begin_undoing(
        wish.actor,
        booking,
        now=wish.now,
        starts=[booking.start_time, wish.period.start],
        with_attendees=wish.details.attendee_ids is not None,
    )


def _tell_move(
    wish: Wish,
    booking: Booking,
    before: tuple[Resource, datetime, datetime],
    undoing: Undoing | None,
) -> None:
    was = {
        "resource": before[0].name,
        "start_time": before[1].isoformat(),
        "end_time": before[2].isoformat(),
    }
    post_undoable(
        undoing,
        "booking.rescheduled",
        booking,
        actor=wish.actor,
        now=wish.now,
        before=was,
        freed=[told_freed(before[0].public_id, Period(before[1], before[2]))],
    )
    if booking.status == Status.PENDING:
        # What waits at another time than before must be decided on anew.
        held = {} if undoing is None else {"act": str(undoing.act_id)}
        post_booking_event(
            "booking.requested",
            [booking],
            actor=wish.actor,
            now=wish.now,
            not_before=undoing.until if undoing else None,
            **held,
        )


def _write_move(wish: Wish, booking: Booking, decided: Decided) -> None:
    resource = decided.resource
    booking.resource = resource
    booking.start_time, booking.end_time = wish.period.start, wish.period.end
    booking.seats = wish.details.seats
    booking.setup_minutes, booking.cleanup_minutes = (
        resource.setup_minutes,
        resource.cleanup_minutes,
    )
    booking.purpose, booking.notes = wish.details.purpose, wish.details.notes
    booking.project = project_of(decided)
    booking.cost = decided.request.cost
    _write_status(wish, booking, decided)
    booking.save()


def _write_status(wish: Wish, booking: Booking, decided: Decided) -> None:
    """What waits is asked for anew where it goes; where nobody is asked it stands."""
    wanted = first_status(decided)
    if wanted != booking.status:
        reason = _("Moved: approve it again.") if wanted == Status.PENDING else ""
        change_status(booking, wanted, actor=wish.actor, now=wish.now, reason=reason)
    else:
        booking.sequence += 1
        booking.updated_at = wish.now
        if wanted == Status.PENDING:
            close_steps(booking, now=wish.now)
    open_steps([(booking, decided.approval)], now=wish.now)


def require_may_change(actor: User, booking: Booking) -> None:
    """Refuse who is none of the booking's people and may not change any there."""
    if not can_change_booking(actor, booking):
        raise refuse_stranger(booking.resource)


def require_unchanged(booking: Booking, version: str) -> None:
    """Refuse what was asked of a booking that is no longer as the asker saw it."""
    if version and version != booking.version:
        raise ActionRefused(
            code="booking.changed",
            text=_("This booking was changed since you looked at it: look again, then decide."),
        )


def refuse_stranger(resource: Resource) -> NotAllowed:
    """The no to who is none of a booking's people."""
    return NotAllowed(
        code="permission.booking",
        text=_("Only its own people may change a booking."),
        needs="booking.change_any",
        where=where_of(resource),
    )
