"""Making, moving, editing and cancelling bookings."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import User
from booking.enums import Status
from booking.errors import BookingError, BookingOver
from booking.locks import lock_booking, lock_user
from booking.models import Booking
from booking.queries.facts import limits_of, load_resources
from booking.rules.cancellation import is_late_cancellation
from booking.services._booking import BookingDetails, RequestKey, Wish, find_resources, taken
from booking.services._changes import change_status, record_booking
from booking.services._charging import Charge, chargeable_project
from booking.services._claims import release_claims
from booking.services._making import make_bookings, replace_attendees
from booking.services._moving import move_booking, require_may_change, require_unchanged
from booking.services._refusals import explain_refusal
from booking.services._series import exclude_occurrence
from booking.services._undoing import begin_undoing, keep_freed, note_claims, post_undoable
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
    seen: Booking | None = None,
    version: str = "",
) -> Booking:
    """Move a booking to another time or resource; every rule is asked again.

    What is None stays. When the new time is taken the old claim stands untouched. What somebody
    changed since `seen` or that `version`, or while this runs, is not overwritten. Raises
    `Booking.DoesNotExist`, `ActionRefused` (409, changed in between) and what `create_booking`
    raises.
    """
    booking = seen or Booking.objects.select_related("resource", "user", "project").get(
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
        return run_transaction(
            lambda: move_booking(wish, booking_id, version=version or booking.version)
        )
    except LostRace as error:
        raise explain_refusal(wish, taken(find_resources(wish)), booking) from error
    except BookingError as error:
        raise explain_refusal(wish, error, booking) from error


def cancel_booking(*, actor: User, booking_id: UUID, now: datetime, reason: str = "") -> Booking:
    """Cancel a booking that is not over, and give its time back at once.

    Cancelling later than the policy's notice is allowed and marked. Whom it is for can take it back
    for ten minutes; so long nobody is told, and where somebody waits for the time it stays held.
    Raises `Booking.DoesNotExist`, `NotAllowed` and `ActionRefused`.
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
    version: str = "",
) -> Booking:
    """Change what a booking says and who comes along; its time stays, and so does what is None.

    A new project must be one that the booking may be charged to. With a `version` it must still be
    the one that the asker saw. Raises `Booking.DoesNotExist`, `NotAllowed`, `BookingRefused` and
    `ActionRefused` (422, an unknown attendee; 409, changed in between).
    """

    def work() -> Booking:
        if charge is not None:
            # Their row first: two of their bookings could go over one budget together.
            lock_user(Booking.objects.values_list("user_id", flat=True).get(public_id=booking_id))
        booking = lock_booking(booking_id)
        require_may_change(actor, booking)
        require_unchanged(booking, version)
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


def _cancel(actor: User, booking_id: UUID, now: datetime, reason: str) -> Booking:
    booking = lock_booking(booking_id)
    require_may_change(actor, booking)
    if not booking.is_open or booking.end_time <= now:
        raise BookingOver(booking.get_status_display())
    undoing = begin_undoing(actor, booking, now=now, starts=[booking.start_time])
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
    note_claims(undoing, release_claims(booking))
    keep_freed(undoing, booking, now=now)
    exclude_occurrence(booking)
    record_booking(
        booking,
        "booking.cancelled",
        actor=actor,
        now=now,
        reason=reason,
        changes={"status": (before, booking.status)},
        facts={"late": booking.is_late_cancellation},
    )
    post_undoable(undoing, "booking.cancelled", booking, actor=actor, now=now, reason=reason)
    return booking
