"""What is out of order."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest, FaultFacts
from labitory.lib.formats import say_wall, with_zone

OUT_OF_ORDER = "resource.out_of_order"
# How long an outage counts of which nobody knows the end.
UNKNOWN_OUTAGE = timedelta(days=1)


def outage_end(back_at: datetime | None, now: datetime) -> datetime:
    """Until when something is out of order: until it is expected back, else for a day from now."""
    return now + UNKNOWN_OUTAGE if back_at is None else back_at


@rule(OUT_OF_ORDER, overridable_by=Role.LAB_MANAGER)
def not_out_of_order(request: BookingRequest) -> Refusal | None:
    """What cannot be used because of a fault is not booked for a time before it is expected back.

    A fault of what it is linked to, such as a shared laser, counts as its own. Where nobody knows
    when that is, only what starts within the coming day is refused: most faults are mended by then,
    and whoever plans next week is warned by the banner instead of being turned away for a guess. A
    day that has passed refuses nothing any more, until it is set anew.
    """
    fault = request.resource.fault
    if fault is None or not fault.blocks:
        return None
    if request.period.start >= outage_end(fault.back_at, request.now):
        return None
    return Refusal(
        code=OUT_OF_ORDER,
        text=_say(request, fault),
        facts={
            "fault": str(fault.public_id),
            "title": fault.title,
            "back_at": fault.back_at.isoformat() if fault.back_at else None,
            "linked": fault.of_linked,
        },
    )


def _say(request: BookingRequest, fault: FaultFacts) -> str:
    words = {"resource": request.resource.name, "fault": fault.title, "linked": fault.of_linked}
    if fault.back_at is None:
        said = (
            _(
                "%(resource)s needs %(linked)s, which is out of order (%(fault)s), and nobody "
                "knows for how long: choose a later day, or another instrument."
            )
            if fault.of_linked
            else _(
                "%(resource)s is out of order (%(fault)s), and nobody knows for how long: choose a "
                "later day, or another instrument."
            )
        )
        return said % words
    local = fault.back_at.astimezone(request.resource.zone)
    said = (
        _(
            "%(resource)s needs %(linked)s, which is out of order (%(fault)s) and expected back on "
            "%(date)s: choose a time after that, or another instrument."
        )
        if fault.of_linked
        else _(
            "%(resource)s is out of order (%(fault)s) and expected back on %(date)s: choose a time "
            "after that, or another instrument."
        )
    )
    return said % {**words, "date": with_zone(say_wall(local), local)}
