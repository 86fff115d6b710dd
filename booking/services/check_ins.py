"""Starting, extending, finishing and missing a booking."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Status
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.locks import lock_booking
from booking.models import Booking
from booking.permissions import can_mark_no_show, where_of
from booking.services._answers import Given
from booking.services._booking import BookingDetails, Wish, find_resources, taken
from booking.services._check_ins import (
    Leaving,
    begin_booking,
    begin_use,
    finish_booking,
    lock_own,
)
from booking.services._extending import extend, extension_taken
from booking.services._making import make_bookings
from booking.services._missed import note_missed
from booking.services._refusals import explain_refusal
from labitory.lib.db import LostRace, run_transaction
from labitory.lib.periods import Period

__all__ = [
    "Leaving",
    "check_in",
    "check_out",
    "extend_booking",
    "mark_no_show",
    "start_now",
]


def check_in(
    *, actor: User, booking_id: UUID, now: datetime, answers: Given | None = None
) -> Booking:
    """Start to use a confirmed booking, from 15 minutes before its start until its end.

    A policy may say how long before, and how soon after its start it counts as missed. What is
    asked before the work must be answered. Raises `Booking.DoesNotExist`, `NotAllowed`,
    `ActionRefused`, and `BookingError` (422) for answers that cannot be taken.
    """

    def work() -> Booking:
        booking = lock_own(actor, booking_id)
        begin_booking(booking, actor=actor, at=now, now=now, answers=answers or {})
        return booking

    return run_transaction(work)


def start_now(
    *,
    actor: User,
    resource_id: UUID,
    until: datetime,
    now: datetime,
    details: BookingDetails | None = None,
    answers: Given | None = None,
) -> Booking:
    """Walk up to a free instrument: book it from this minute on and check in, or neither.

    Every rule of booking is asked; only the start need not lie on the grid. Raises what
    `create_booking` and `check_in` raise.
    """
    wish = Wish(
        actor=actor,
        user=actor,
        resource_ids=(resource_id,),
        period=Period(now.replace(second=0, microsecond=0), until),
        now=now,
        details=details or BookingDetails(),
        action="start_now",
    )

    def work() -> Booking:
        booking = make_bookings(wish, None)[0]
        if booking.status != Status.CONFIRMED:
            raise ActionRefused(
                code="start_now.approval",
                text=_(
                    "Bookings of %(resource)s are approved first: book it, and start when it is "
                    "approved."
                )
                % {"resource": booking.resource.name},
            )
        begin_use(booking, actor=actor, at=now, now=now, answers=answers or {})
        return booking

    try:
        return run_transaction(work)
    except LostRace as error:
        raise explain_refusal(wish, taken(find_resources(wish))) from error
    except BookingError as error:
        raise explain_refusal(wish, error) from error


def extend_booking(*, actor: User, booking_id: UUID, until: datetime, now: datetime) -> Booking:
    """Stay longer, as long as the instrument is free: every rule is asked for the longer booking.

    A refusal for want of time says until when it is free. Raises `Booking.DoesNotExist`,
    `NotAllowed`, `ActionRefused`, `BookingRefused` and `SlotTaken`; the booking then stands as it
    was.
    """
    booking = Booking.objects.select_related("resource", "user", "project").get(
        public_id=booking_id
    )
    wish = Wish(
        actor=actor,
        user=booking.user,
        resource_ids=(booking.resource.public_id,),
        period=Period(booking.start_time, until),
        now=now,
        details=BookingDetails(
            purpose=booking.purpose, seats=booking.seats, project_id=booking.charged_to
        ),
        action="extend",
    )
    try:
        return run_transaction(lambda: extend(wish, booking_id))
    except LostRace as error:
        raise extension_taken(booking.resource, None, now) from error


def check_out(
    *, actor: User, booking_id: UUID, now: datetime, leaving: Leaving | None = None
) -> Booking:
    """Finish a booking; the time that is left goes back to the calendar at once.

    Its person answers what is asked after the work; who finishes for them need not. Raises
    `Booking.DoesNotExist`, `NotAllowed`, `ActionRefused`, and `BookingError` (422) for answers
    that cannot be taken.
    """
    said = leaving or Leaving()

    def work() -> Booking:
        booking = lock_own(actor, booking_id)
        finish_booking(booking, actor=actor, leaving=said, at=now, now=now)
        return booking

    return run_transaction(work)


def mark_no_show(*, actor: User, booking_id: UUID, now: datetime) -> Booking:
    """Note that nobody came, once the booking has begun; its time is free again.

    Raises `Booking.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """

    def work() -> Booking:
        booking = lock_booking(booking_id)
        if not can_mark_no_show(actor, booking):
            raise NotAllowed(
                code="permission.no_show",
                text=_("Only lab managers mark a no-show."),
                needs="booking.mark_no_show",
                where=where_of(booking.resource),
            )
        if booking.start_time > now:
            raise ActionRefused(
                code="no_show.early", text=_("The booking has not begun: cancel it instead.")
            )
        note_missed(booking, actor=actor, at=now, now=now)
        return booking

    return run_transaction(work)
