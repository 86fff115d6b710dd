"""What workers do: each task is one call of a service."""

from booking.tasks import (
    access,
    calendars,
    care,
    heartbeats,
    maintenance,
    notifications,
    quotas,
    reminders,
    reports,
    training,
)

__all__ = [
    "access",
    "calendars",
    "care",
    "heartbeats",
    "maintenance",
    "notifications",
    "quotas",
    "reminders",
    "reports",
    "training",
]
