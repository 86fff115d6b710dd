"""What workers do: each task is one call of a service."""

from booking.tasks import maintenance, notifications

__all__ = ["maintenance", "notifications"]
