"""When the resource is open at all."""

from django.utils import formats
from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest
from labitory.lib.formats import with_zone
from labitory.lib.periods import Period


@rule("resource.closed", overridable_by=Role.LAB_MANAGER)
def resource_is_open(request: BookingRequest) -> Refusal | None:
    """A resource that is closed cannot be booked, nor one that is linked to a closed one."""
    resource = request.resource
    if not resource.is_active:
        return Refusal(
            code="resource.closed",
            text=_("%(resource)s is closed: %(reason)s. Choose another one.")
            % {"resource": resource.name, "reason": resource.closed_reason},
            facts={"reason": resource.closed_reason},
            field="resource",
        )
    for linked in resource.linked:
        if not linked.is_active:
            return Refusal(
                code="resource.closed",
                text=_("%(resource)s needs %(linked)s, which is closed. Choose another one.")
                % {"resource": resource.name, "linked": linked.name},
                facts={"linked": linked.name},
                field="resource",
            )
    return None


@rule("hours.closed", overridable_by=Role.LAB_MANAGER)
def within_opening_hours(request: BookingRequest) -> Refusal | None:
    """A booking lies within opening hours; a closed night between two open days is too much."""
    open_periods = request.resource.open_periods
    if open_periods is None or any(each.contains(request.period) for each in open_periods):
        return None
    near = [each for each in open_periods if each.end > request.period.start]
    if near:
        text = _("%(resource)s is closed at that time; it is open %(hours)s.") % {
            "resource": request.resource.name,
            "hours": _say(near[0], request),
        }
    else:
        text = _("%(resource)s is closed at that time: choose another day.") % {
            "resource": request.resource.name
        }
    return Refusal(
        code="hours.closed",
        text=text,
        facts={
            "open": [
                {"start_time": each.start.isoformat(), "end_time": each.end.isoformat()}
                for each in near[:3]
            ]
        },
    )


def _say(period: Period, request: BookingRequest) -> str:
    zone = request.resource.zone
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    day = formats.date_format(start, "D j M")
    return _("%(day)s from %(start)s to %(end)s") % {
        "day": day,
        "start": f"{start:%H:%M}",
        "end": with_zone(f"{end:%H:%M}", end),
    }
