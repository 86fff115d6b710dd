"""Changing what a booking is charged to, without moving it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import Project, User
from booking.errors import BookingRefused
from booking.models import Booking
from booking.queries.facts import TimeFacts, build_request, load_resources, sane_window
from booking.rules import check_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a booking shall be charged to from now on; None is nothing."""

    project_id: UUID | None


def chargeable_project(
    booking: Booking, charge: Charge, *, actor: User, now: datetime
) -> Project | None:
    """The new project, if the rules let the booking be charged to it; raises BookingRefused."""
    if charge.project_id is None:
        return None
    window = sane_window(booking.period, now)
    resources = load_resources(
        user=booking.user,
        window=window,
        now=now,
        public_ids=[booking.resource.public_id],
        project_id=charge.project_id,
    )
    request = build_request(
        resource=resources[0],
        time_facts=TimeFacts(window=window, own=(), claims={}),
        actor=actor,
        user=booking.user,
        period=booking.period,
        now=now,
        existing=booking,
        project_id=charge.project_id,
    )
    if refusals := check_project(request):
        raise BookingRefused(refusals)
    return Project.objects.get(public_id=charge.project_id)
