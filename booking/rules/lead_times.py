"""How long, how soon and how far ahead."""

from datetime import timedelta

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import Limit
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest
from labitory.lib.text import say_minutes


@rule("length.minimum", overridable_by=Role.LAB_MANAGER)
def long_enough(request: BookingRequest) -> Refusal | None:
    """A booking is at least as long as the policy says."""
    limit = request.limit(Limit.MIN_LENGTH)
    if limit is None or request.period.minutes >= limit:
        return None
    return Refusal(
        code="length.minimum",
        text=_("Bookings of %(resource)s last at least %(limit)s: choose a later end.")
        % {"resource": request.resource.name, "limit": say_minutes(limit)},
        facts={"limit_minutes": limit, "asked_minutes": request.period.minutes},
        field="end_time",
    )


@rule("length.maximum", overridable_by=Role.LAB_MANAGER)
def short_enough(request: BookingRequest) -> Refusal | None:
    """A booking is at most as long as the policy says."""
    limit = request.limit(Limit.MAX_LENGTH)
    if limit is None or request.period.length <= timedelta(minutes=limit):
        return None
    return Refusal(
        code="length.maximum",
        text=_("Bookings of %(resource)s last at most %(limit)s: choose an earlier end.")
        % {"resource": request.resource.name, "limit": say_minutes(limit)},
        facts={"limit_minutes": limit, "asked_minutes": request.period.minutes},
        field="end_time",
    )


@rule("lead.too_soon", overridable_by=Role.LAB_MANAGER)
def soon_enough_asked(request: BookingRequest) -> Refusal | None:
    """A booking is made some notice before its start."""
    limit = request.limit(Limit.LEAD_TIME)
    if limit is None or request.period.start >= request.now + timedelta(minutes=limit):
        return None
    return Refusal(
        code="lead.too_soon",
        text=_("%(resource)s is booked at least %(limit)s ahead: choose a later start.")
        % {"resource": request.resource.name, "limit": say_minutes(limit)},
        facts={"limit_minutes": limit},
    )


@rule("lead.horizon", overridable_by=Role.LAB_MANAGER)
def not_too_far_ahead(request: BookingRequest) -> Refusal | None:
    """A booking ends within the time that the calendar is open for booking."""
    limit = request.limit(Limit.HORIZON)
    if limit is None or request.period.end <= request.now + timedelta(minutes=limit):
        return None
    return Refusal(
        code="lead.horizon",
        text=_("%(resource)s is booked at most %(limit)s ahead: choose an earlier time.")
        % {"resource": request.resource.name, "limit": say_minutes(limit)},
        facts={"limit_minutes": limit},
    )
