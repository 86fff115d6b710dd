"""Deciding on bookings that wait for approval."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import Status
from booking.errors import ActionRefused, BookingRefused, NotAllowed
from booking.locks import lock_booking, lock_user
from booking.models import Booking
from booking.permissions import can_approve_booking, where_of
from booking.queries.facts import build_request, load_resources, load_time, sane_window
from booking.rules import check_booking
from booking.services._booking import BookingDetails, Decided, Wish, write_decisions
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims
from labitory.lib.db import run_transaction

# What the passing of time alone brings about is no reason to refuse an approval.
_NOT_ASKED_AGAIN = frozenset({"lead.too_soon"})


def approve_booking(*, actor: User, booking_id: UUID, now: datetime, reason: str = "") -> Booking:
    """Confirm a booking that waits; the rules are asked again, because the world has moved.

    Nobody approves their own. Raises `Booking.DoesNotExist`, `NotAllowed`, `ActionRefused` when
    it no longer waits, `BookingRefused` when it would no longer be allowed. What the rules said is
    kept either way.
    """
    refused: list[tuple[Wish, Decided, Booking]] = []

    def work() -> Booking:
        booking = _lock(actor, booking_id)
        wish, decided = _ask_again(actor, booking, now)
        if decided.refusals:
            refused[:] = [(wish, decided, booking)]
            raise BookingRefused(decided.refusals)
        write_decisions(wish, [decided], [booking])
        return _decide(booking, Status.CONFIRMED, "booking.approved", actor, now, reason)

    def keep() -> None:
        for wish, decided, booking in refused:
            write_decisions(wish, [decided], [booking])

    try:
        return run_transaction(work)
    except BookingRefused:
        run_transaction(keep)
        raise


def reject_booking(*, actor: User, booking_id: UUID, now: datetime, reason: str) -> Booking:
    """Refuse a booking that waits, with a reason, and give its time back.

    Raises as `approve_booking` does.
    """
    if not reason.strip():
        raise ActionRefused(
            code="approval.reason",
            text=_("Say why, so that the person can do better next time."),
            field="reason",
            status=422,
        )

    def work() -> Booking:
        booking = _lock(actor, booking_id)
        release_claims(booking)
        return _decide(booking, Status.REJECTED, "booking.rejected", actor, now, reason.strip())

    return run_transaction(work)


def _lock(actor: User, booking_id: UUID) -> Booking:
    # The person's row first, as everywhere: a booking's lock never waits for a person's.
    owner = Booking.objects.values_list("user_id", flat=True).get(public_id=booking_id)
    lock_user(owner)
    booking = lock_booking(booking_id)
    if not can_approve_booking(actor, booking):
        raise NotAllowed(
            code="permission.approve",
            text=_("Only responsible persons and lab managers decide, and never on their own."),
            needs="booking.approve",
            where=where_of(booking.resource),
        )
    if booking.status != Status.PENDING:
        raise ActionRefused(
            code="approval.decided",
            text=_("This booking no longer waits for approval: it is %(status)s.")
            % {"status": booking.get_status_display()},
        )
    return booking


def _ask_again(actor: User, booking: Booking, now: datetime) -> tuple[Wish, Decided]:
    window = sane_window(booking.period, now)
    resources = load_resources(
        user=booking.user,
        window=window,
        now=now,
        public_ids=[booking.resource.public_id],
        project_id=booking.charged_to,
    )
    facts = load_time(resources=resources, actor=actor, user=booking.user, window=window, now=now)
    request = build_request(
        resource=resources[0],
        time_facts=facts,
        actor=actor,
        user=booking.user,
        period=booking.period,
        now=now,
        seats=booking.seats,
        existing=booking,
        project_id=booking.charged_to,
    )
    refusals = (each for each in check_booking(request) if each.code not in _NOT_ASKED_AGAIN)
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
        resource=resources[0], request=request, refusals=tuple(refusals), overridden=()
    )
    return wish, decided


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
