"""Asking about bookings that wait, and what time brings about, inside an open transaction."""

from datetime import datetime

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, Resource
from booking.queries.facts import build_request, load_resources, load_time, sane_window
from booking.rules.approvals import plan_approval
from booking.rules.request import BookingRequest
from booking.services._changes import change_status, post_booking_event, record_booking
from booking.services._claims import release_claims
from booking.services._steps import close_steps, open_steps


def request_as_it_stands(
    booking: Booking, *, actor: User, now: datetime
) -> tuple[Resource, BookingRequest]:
    """A booking as the rules would see it, were it asked for now."""
    window = sane_window(booking.period, now)
    resources = load_resources(
        user=booking.user,
        window=window,
        now=now,
        public_ids=[booking.resource.public_id],
        project_id=booking.charged_to,
    )
    facts = load_time(
        resources=resources,
        actor=actor,
        user=booking.user,
        window=window,
        now=now,
        existing=booking,
    )
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
    return resources[0], request


def lifted_codes(booking: Booking) -> frozenset[str]:
    """The rules that somebody lifted for this booking where and when it stands."""
    asked = booking.decisions.filter(
        resource=booking.resource, start_time=booking.start_time, end_time=booking.end_time
    )
    return frozenset(
        entry["code"]
        for trace in asked.values_list("trace", flat=True)
        for entry in trace
        if entry["overridden"]
    )


def ask_steps(booking: Booking, *, now: datetime) -> None:
    """Ask those whom the policy names about a booking that waits but that nobody asked for here.

    Where no policy asks anybody it is left to responsible persons and to who may approve there.
    """
    _resource, request = request_as_it_stands(booking, actor=booking.user, now=now)
    close_steps(booking, now=now)
    open_steps([(booking, plan_approval(request))], now=now)


def reject_unanswered(booking: Booking, reason: str, *, now: datetime) -> None:
    """Refuse a booking on which nobody decided in time, and give its time back."""
    before = booking.status
    change_status(booking, Status.REJECTED, actor=None, now=now, reason=reason)
    booking.save(update_fields=["status", "sequence", "updated_at"])
    release_claims(booking)
    record_booking(
        booking,
        "booking.rejected",
        actor=None,
        now=now,
        reason=reason,
        changes={"status": (before, booking.status)},
    )
    post_booking_event("booking.rejected", [booking], actor=None, now=now, reason=reason)
