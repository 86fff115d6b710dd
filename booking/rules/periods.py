"""The period itself: sane, on the grid, not over yet."""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest
from labitory.lib.text import say_minutes

LONGEST = timedelta(days=366)
LATEST_YEAR = 2100


@rule("period.order")
def ends_after_start(request: BookingRequest) -> Refusal | None:
    """A booking ends after it starts."""
    if request.period.end > request.period.start:
        return None
    return Refusal(
        code="period.order",
        text=_("The end must come after the start: choose a later end."),
        field="end_time",
    )


@rule("period.too_long")
def not_absurdly_long(request: BookingRequest) -> Refusal | None:
    """A booking lasts at most 366 days."""
    if request.period.length <= LONGEST:
        return None
    return Refusal(
        code="period.too_long",
        text=_("A booking can last at most %(days)s days: choose an earlier end.")
        % {"days": LONGEST.days},
        facts={"maximum_days": LONGEST.days},
        field="end_time",
    )


@rule("period.year")
def within_calendar(request: BookingRequest) -> Refusal | None:
    """A booking lies before the year 2100."""
    if request.period.start.year < LATEST_YEAR and request.period.end.year < LATEST_YEAR:
        return None
    return Refusal(
        code="period.year",
        text=_("Dates must lie before the year %(year)s.") % {"year": LATEST_YEAR},
        facts={"before_year": LATEST_YEAR},
    )


@rule("period.grid")
def on_the_grid(request: BookingRequest) -> Refusal | None:
    """A booking starts and ends on the resource's time grid; who walks up starts at once."""
    minutes = request.resource.slot_minutes
    off = [
        name
        for name, moment in (
            ("start_time", request.period.start),
            ("end_time", request.period.end),
        )
        if not _on_grid(request, moment) and not (request.starts_at_once and name == "start_time")
    ]
    if not off:
        return None
    return Refusal(
        code="period.grid",
        text=_("%(resource)s is booked in steps of %(step)s: choose a time such as %(time)s.")
        % {
            "resource": request.resource.name,
            "step": say_minutes(minutes),
            "time": next_on_grid(request, request.period.start).strftime("%H:%M"),
        },
        facts={"slot_minutes": minutes},
        field=off[0],
    )


@rule("period.past", overridable_by=Role.LAB_MANAGER)
def not_in_the_past(request: BookingRequest) -> Refusal | None:
    """A booking does not start in the past; the running slot of the grid still counts as now."""
    earliest = request.now - timedelta(minutes=request.resource.slot_minutes)
    if request.period.start > earliest:
        return None
    if request.existing is not None and request.existing.period.start == request.period.start:
        return _end_has_passed(request)
    return Refusal(
        code="period.past",
        text=_("The start has passed: choose a start from now on."),
        facts={"now": request.now.isoformat()},
    )


def _end_has_passed(request: BookingRequest) -> Refusal | None:
    """Of a booking that has begun, time that is over cannot be given back."""
    if request.period.end > request.now:
        return None
    return Refusal(
        code="period.past",
        text=_("That end has passed: choose an end from now on."),
        facts={"now": request.now.isoformat()},
        field="end_time",
    )


def _on_grid(request: BookingRequest, moment: datetime) -> bool:
    local = moment.astimezone(request.resource.zone)
    since_midnight = local.hour * 60 + local.minute
    whole = local.second == 0 and local.microsecond == 0
    return whole and since_midnight % request.resource.slot_minutes == 0


def next_on_grid(request: BookingRequest, moment: datetime) -> datetime:
    """The first moment on the grid at or after this one, in the resource's zone."""
    step = timedelta(minutes=request.resource.slot_minutes)
    local = moment.astimezone(request.resource.zone)
    rest = timedelta(
        minutes=(local.hour * 60 + local.minute) % request.resource.slot_minutes,
        seconds=local.second,
        microseconds=local.microsecond,
    )
    return (moment if not rest else moment.astimezone(UTC) + (step - rest)).astimezone(
        request.resource.zone
    )
