"""Resources, the calendar of claims on their time, and bookings."""

from booking.models.bookings import Booking, BookingAttendee, BookingStatus
from booking.models.calendars import Closure, Holiday, OpeningHours, ResourceCalendar
from booking.models.decisions import BookingDecision, DemandEntry
from booking.models.events import OutboxEvent
from booking.models.holds import Hold
from booking.models.maintenance import MaintenanceRecord
from booking.models.notifications import EmailMessage, Notification
from booking.models.policies import BookingPolicy
from booking.models.resources import (
    FavouriteResource,
    ProjectResource,
    Resource,
    ResourceAccess,
    ResourceLink,
    ResourcePool,
    ResourceType,
    ResponsiblePerson,
)

__all__ = [
    "Booking",
    "BookingAttendee",
    "BookingDecision",
    "BookingPolicy",
    "BookingStatus",
    "Closure",
    "DemandEntry",
    "EmailMessage",
    "FavouriteResource",
    "Hold",
    "Holiday",
    "MaintenanceRecord",
    "Notification",
    "OpeningHours",
    "OutboxEvent",
    "ProjectResource",
    "Resource",
    "ResourceAccess",
    "ResourceCalendar",
    "ResourceLink",
    "ResourcePool",
    "ResourceType",
    "ResponsiblePerson",
]
