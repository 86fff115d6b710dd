"""Making, moving, editing and cancelling bookings."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Status
from booking.errors import BookingError, BookingOver, NotAllowed
from booking.locks import lock_booking
from booking.models import Booking, Resource
from booking.permissions import can_change_booking, can_move_booking, where_of
from booking.queries.facts import limits_of, load_resources
from booking.rules.cancellation import is_late_cancellation
from booking.services._booking import (
    BookingDetails,
    Decided,
    RequestKey,
    Wish,
    claimed_wishes,
    clear_holds,
    find_resources,
    first_status,
    taken,
    write_decisions,
)
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._charging import Charge, chargeable_project
from booking.services._claims import NoRoom, claim_time, release_claims
from booking.services._making import (
    ask_rules,
    make_bookings,
    overridden_codes,
    project_of,
    replace_attendees,
    require_may_override,
)
from booking.services._quotas import hold_people
from booking.services._refusals import explain_refusal
from booking.services._steps import close_steps, open_steps
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

__all__ = [
    "BookingDetails",
    "Charge",
    "RequestKey",
    "cancel_booking",
    "create_booking",
    "edit_booking",
    "reschedule_booking",
]


def create_booking(
    *,
    actor: User,
    user: User,
    resource_ids: Sequence[UUID],
    period: Period,
    now: datetime,
    details: BookingDetails | None = None,
    override: str = "",
    request_key: RequestKey | None = None,
) -> list[Booking]:
    """Book one or more resources for a person and a period: all of them, or none.

    Gives one booking a resource, in the order asked. `override` is a lab manager's reason for
    lifting the rules that may be lifted. A request that was already served under the same key
    gives the same bookings again.

    Raises `NotAllowed` (403), `BookingRefused` (422, every refusal and legal alternatives),
    `SlotTaken` (409, the time went to somebody else in between).
    """
    wish = Wish(
        actor=actor,
        user=user,
        resource_ids=tuple(resource_ids),
        period=period,
        now=now,
        details=details or BookingDetails(),
        override=override.strip(),
    )
    try:
        return run_transaction(lambda: make_bookings(wish, request_key))
    except LostRace as error:
        raise explain_refusal(wish, taken(find_resources(wish))) from error
    except BookingError as error:
        raise explain_refusal(wish, error) from error


def reschedule_booking(
    *,
    actor: User,
    booking_id: UUID,
    now: datetime,
    period: Period | None = None,
    resource_id: UUID | None = None,
    override: str = "",
    details: BookingDetails | None = None,
) -> Booking:
    """Move a booking to another time or resource; every rule is asked again.

    What is None stays. When the new time is taken the old claim stands untouched. Raises
    `Booking.DoesNotExist`, and what `create_booking` raises.
    """
    booking = Booking.objects.select_related("resource", "user", "project").get(
        public_id=booking_id
    )
    wish = Wish(
        actor=actor,
        user=booking.user,
        resource_ids=(resource_id or booking.resource.public_id,),
        period=period or booking.period,
        now=now,
        details=details
        or BookingDetails(
            purpose=booking.purpose,
            notes=booking.notes,
            seats=booking.seats,
            attendee_ids=None,
            project_id=booking.charged_to,
        ),
        override=override.strip(),
        action="reschedule",
    )
    try:
        return run_transaction(lambda: _reschedule(wish, booking_id))
    except LostRace as error:
        raise explain_refusal(wish, taken(find_resources(wish)), booking) from error
    except BookingError as error:
        raise explain_refusal(wish, error, booking) from error


def cancel_booking(*, actor: User, booking_id: UUID, now: datetime, reason: str = "") -> Booking:
    """Cancel a booking that is not over, and give its time back at once.

    Cancelling later than the policy's notice is allowed and marked. Raises
    `Booking.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """
    return run_transaction(lambda: _cancel(actor, booking_id, now, reason.strip()))


def edit_booking(
    *,
    actor: User,
    booking_id: UUID,
    now: datetime,
    purpose: str | None = None,
    notes: str | None = None,
    attendee_ids: Sequence[UUID] | None = None,
    charge: Charge | None = None,
) -> Booking:
    """Change what a booking says and who comes along; its time stays, and so does what is None.

    A new project must be one that the booking may be charged to. Raises `Booking.DoesNotExist`,
    `NotAllowed`, `BookingRefused` and `ActionRefused` (422, an unknown attendee).
    """

    def work() -> Booking:
        booking = lock_booking(booking_id)
        _require_may_change(actor, booking)
        before = (booking.purpose, booking.notes, booking.project)
        if charge is not None and charge.project_id != booking.charged_to:
            booking.project = chargeable_project(booking, charge, actor=actor, now=now)
        booking.purpose = booking.purpose if purpose is None else purpose
        booking.notes = booking.notes if notes is None else notes
        booking.updated_at = now
        booking.save(update_fields=["purpose", "notes", "project", "updated_at"])
        record_booking(
            booking,
            "booking.edited",
            actor=actor,
            now=now,
            changes={
                "purpose": (before[0], booking.purpose),
                "notes": (before[1], booking.notes),
                "project": (before[2], booking.project),
                **replace_attendees(booking, attendee_ids),
            },
        )
        return booking

    return run_transaction(work)


def _reschedule(wish: Wish, booking_id: UUID) -> Booking:
    resources = find_resources(wish)
    hold_people({wish.user.pk}, resources)
    booking = lock_booking(booking_id)
    _require_may_change(wish.actor, booking)
    if not can_move_booking(wish.actor, booking, resources[0]):
        raise _not_theirs(resources[0])
    require_may_override(wish, resources)
    if not booking.is_open or booking.end_time <= wish.now:
        raise BookingOver(booking.get_status_display())
    decided = ask_rules(wish, resources, booking)
    before = (booking.resource, booking.start_time, booking.end_time)
    was_charged = booking.project
    release_claims(booking)
    clear_holds(decided)
    try:
        claim_time(booking_ids=[booking.pk], wishes=claimed_wishes(decided))
    except NoRoom:
        raise taken(resources) from None
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
    _tell_move(wish, booking, before)
    return booking


def _tell_move(wish: Wish, booking: Booking, before: tuple[Resource, datetime, datetime]) -> None:
    was = {
        "resource": before[0].name,
        "start_time": before[1].isoformat(),
        "end_time": before[2].isoformat(),
    }
    post_booking_event("booking.rescheduled", [booking], actor=wish.actor, now=wish.now, before=was)
    if booking.status == Status.PENDING:
        # What waits at another time than before must be decided on anew.
        post_booking_event("booking.requested", [booking], actor=wish.actor, now=wish.now)


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


def _cancel(actor: User, booking_id: UUID, now: datetime, reason: str) -> Booking:
    booking = lock_booking(booking_id)
    _require_may_change(actor, booking)
    if not booking.is_open or booking.end_time <= now:
        raise BookingOver(booking.get_status_display())
    resource = load_resources(
        user=booking.user,
        window=booking.period,
        now=now,
        public_ids=[booking.resource.public_id],
    )[0]
    booking.is_late_cancellation = is_late_cancellation(
        limits_of(resource), start=booking.start_time, now=now
    )
    before = booking.status
    change_status(booking, Status.CANCELLED, actor=actor, now=now, reason=reason)
    booking.save(update_fields=["status", "sequence", "updated_at", "is_late_cancellation"])
    release_claims(booking)
    record_booking(
        booking,
        "booking.cancelled",
        actor=actor,
        now=now,
        reason=reason,
        changes={"status": (before, booking.status)},
        facts={"late": booking.is_late_cancellation},
    )
    post_booking_event("booking.cancelled", [booking], actor=actor, now=now, reason=reason)
    return booking


def _require_may_change(actor: User, booking: Booking) -> None:
    if not can_change_booking(actor, booking):
        raise _not_theirs(booking.resource)


def _not_theirs(resource: Resource) -> NotAllowed:
    return NotAllowed(
        code="permission.booking",
        text=_("Only its own people may change a booking."),
        needs="booking.change_any",
        where=where_of(resource),
    )
