"""What workers do: each task is one call of a service."""

from booking.tasks import maintenance, notifications, training

__all__ = ["maintenance", "notifications", "training"]
