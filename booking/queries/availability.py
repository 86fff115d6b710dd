"""The time of one resource: when it is open, when claimed, and what of it somebody could book."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from booking.models import Resource
from booking.queries.calendars import CalendarEntry, calendar_entries, open_periods
from booking.queries.free_slots import free_slots
from labitory.lib.periods import Period

MOST_SLOTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Open periods, claims and free stretches of a window."""

    open: tuple[Period, ...]
    busy: tuple[CalendarEntry, ...]
    free: tuple[Period, ...]


def availability(
    *, viewer: User, resource: Resource, window: Period, now: datetime
) -> Availability:
    """When a resource is open and claimed, and the stretches that the viewer could book."""
    slots = free_slots(
        user=viewer,
        now=now,
        window=window,
        minimum=timedelta(minutes=resource.slot_minutes),
        resource_ids=[resource.public_id],
        limit=MOST_SLOTS,
        per_resource=MOST_SLOTS,
    )
    return Availability(
        open=tuple(open_periods(resources=[resource], window=window)[resource.pk]),
        busy=tuple(
            calendar_entries(viewer=viewer, resource_ids=[resource.pk], window=window, now=now)
        ),
        free=tuple(Period(slot.start_time, slot.end_time) for slot in slots),
    )
