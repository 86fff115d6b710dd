"""What one reader sees of one booking and may do about it."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from booking.enums import LIVE, Outcome, Status
from booking.models import Approval, Booking, BookingDecision
from booking.permissions import can_change_booking
from booking.queries.approvals import may_decide, steps_of
from booking.queries.facts import limits_of, load_resources
from booking.rules.cancellation import is_late_cancellation
from booking.services.check_ins import EARLIEST


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPage:
    """The acts that are open to the reader, and what stands beside the booking."""

    can_change: bool
    can_decide: bool
    can_check_in: bool
    can_finish: bool
    # Whether it takes its time, or took it.
    is_live: bool
    companions: tuple[Booking, ...]
    override: BookingDecision | None
    # Whom it waits for, and what those said who were asked before.
    approvals: tuple[Approval, ...] = ()


def booking_page(*, viewer: User, booking: Booking, now: datetime) -> BookingPage:
    """What this reader may do with the booking now."""
    may_change = can_change_booking(viewer, booking)
    companions: tuple[Booking, ...] = ()
    if booking.group_id is not None:
        companions = tuple(
            Booking.objects.filter(group_id=booking.group_id)
            .exclude(pk=booking.pk)
            .select_related("resource")
            .order_by("resource__name")
        )
    return BookingPage(
        can_change=can_still_change(viewer=viewer, booking=booking, now=now),
        can_decide=may_decide(viewer, booking, now=now),
        can_check_in=may_change
        and booking.status == Status.CONFIRMED
        and booking.start_time - EARLIEST <= now < booking.end_time,
        can_finish=may_change and booking.status == Status.CHECKED_IN,
        is_live=booking.status in LIVE,
        companions=companions,
        override=booking.decisions.filter(outcome=Outcome.OVERRIDDEN)
        .select_related("actor")
        .first(),
        approvals=tuple(steps_of(booking)) if booking.status == Status.PENDING else (),
    )


def can_still_change(*, viewer: User, booking: Booking, now: datetime) -> bool:
    """Whether this reader may still move or cancel the booking."""
    return can_change_booking(viewer, booking) and booking.is_open and booking.end_time > now


def is_late_now(*, booking: Booking, now: datetime) -> bool:
    """Whether cancelling at this moment is later than the policy's notice."""
    found = load_resources(
        user=booking.user,
        window=booking.period,
        now=now,
        public_ids=[booking.resource.public_id],
    )
    return is_late_cancellation(limits_of(found[0]), start=booking.start_time, now=now)
