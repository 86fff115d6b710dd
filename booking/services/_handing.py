"""Handing bookings to another person, inside an open transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries.projects import chargeable_projects
from booking.errors import Refusal
from booking.models import Booking, BookingAttendee, Resource
from booking.permissions import can_book_unasked
from booking.queries.facts import TimeFacts, build_request, load_resources, load_time, sane_window
from booking.rules import check_booking, check_waiting
from booking.rules.approvals import plan_approval
from booking.rules.request import BookingRequest
from booking.services._changes import record_booking
from booking.services._quotas import hold_people
from booking.services._series import exclude_occurrence

# The booking was asked for in time once; that it is handed on late is nobody's fault.
_NOT_ASKED_AGAIN = frozenset({"lead.too_soon"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """A booking and who is to have it, as `actor` wants it; all as things stand by now."""

    booking: Booking
    receiver: User
    actor: User
    now: datetime


def resources_for(handing: Handing) -> list[Resource]:
    """The booking's resource with what its rules need for the receiver."""
    booking = handing.booking
    return load_resources(
        user=handing.receiver,
        window=sane_window(booking.period, handing.now),
        now=handing.now,
        public_ids=[booking.resource.public_id],
        project_id=booking.charged_to,
    )


def ask_receiver(handing: Handing) -> tuple[Refusal, ...]:
    """What the rules say to the same booking for the receiver; their row is held already."""
    resources = resources_for(handing)
    # What they share with others is held besides.
    hold_people((), resources)
    return _refusals(_request(handing, resources, _time_of(handing, resources)))


def ask_with_approval(handing: Handing, resources: Sequence[Resource]) -> tuple[Refusal, ...]:
    """The same, and whether the receiver would first have to ask somebody: that is a no too."""
    request = _request(handing, resources, _time_of(handing, resources))
    return _refusals(request) or _approval(handing, resources[0], request)


def ask_standing(handing: Handing) -> tuple[Refusal, ...]:
    """What would still refuse the receiver whatever else they have booked: rights and training."""
    resources = resources_for(handing)
    nothing = TimeFacts(window=sane_window(handing.booking.period, handing.now), own=(), claims={})
    request = _request(handing, resources, nothing)
    # What is left of a quota is asked when it is accepted.
    request = replace(request, over_quota=False)
    return tuple(check_waiting(request)) or _approval(handing, resources[0], request)


def hand_over(handing: Handing, *, action: str = "booking.transferred") -> None:
    """Make the booking the receiver's; what the giver made is from now on made by them."""
    booking, receiver = handing.booking, handing.receiver
    before = booking.user
    give_to(booking, receiver, now=handing.now)
    booking.save()
    BookingAttendee.objects.filter(booking=booking, user=receiver).delete()
    record_booking(
        booking,
        action,
        actor=handing.actor,
        now=handing.now,
        changes={"user": (before, receiver)},
    )


def give_to(booking: Booking, receiver: User, *, now: datetime) -> None:
    """Change hands, unsaved: whoever gave it away may not change it any longer."""
    if booking.created_by_id == booking.user_id:
        booking.created_by = receiver
        # The key was the giver's name for their request.
        booking.request_key = booking.request_hash = ""
    booking.user = receiver
    booking.sequence += 1
    booking.updated_at = now


def detach(booking: Booking) -> None:
    """Take it, unsaved, out of the group and the series of the giver: those stay theirs."""
    exclude_occurrence(booking)
    booking.group_id = booking.occurs_at = booking.series = None


def keep_project(handing: Handing) -> None:
    """Charge the booking to nothing where the receiver may not charge its project."""
    booking = handing.booking
    if booking.project is None:
        return
    day = booking.start_time.astimezone(booking.resource.zone).date()
    theirs = chargeable_projects(handing.receiver, on=day)
    if not theirs.filter(pk=booking.project.pk).exists():
        booking.project = None


def _time_of(handing: Handing, resources: Sequence[Resource]) -> TimeFacts:
    return load_time(
        resources=resources,
        actor=handing.actor,
        user=handing.receiver,
        window=sane_window(handing.booking.period, handing.now),
        now=handing.now,
        existing=handing.booking,
    )


def _request(
    handing: Handing, resources: Sequence[Resource], time_facts: TimeFacts
) -> BookingRequest:
    booking = handing.booking
    return build_request(
        resource=resources[0],
        time_facts=time_facts,
        actor=handing.actor,
        user=handing.receiver,
        period=booking.period,
        now=handing.now,
        seats=booking.seats,
        existing=booking,
        project_id=booking.charged_to,
    )


def _refusals(request: BookingRequest) -> tuple[Refusal, ...]:
    return tuple(each for each in check_booking(request) if each.code not in _NOT_ASKED_AGAIN)


def _approval(handing: Handing, resource: Resource, request: BookingRequest) -> tuple[Refusal, ...]:
    if can_book_unasked(handing.receiver, resource, None):
        return ()
    if not plan_approval(request).is_needed:
        return ()
    return (
        Refusal(
            code="approval.needed",
            text=_("%(user)s would need an approval for %(resource)s: let them ask for it.")
            % {"user": handing.receiver.full_name, "resource": resource.name},
            field="",
        ),
    )
