"""The Django admin of resources, calendars and bookings."""

from booking.admin import (
    bookings,
    calendars,
    decisions,
    events,
    notifications,
    policies,
    resources,
)

__all__ = [
    "bookings",
    "calendars",
    "decisions",
    "events",
    "notifications",
    "policies",
    "resources",
]
