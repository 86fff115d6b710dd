"""What workers do: each task is one call of a service."""

from booking.tasks import maintenance, notifications, quotas, training

__all__ = ["maintenance", "notifications", "quotas", "training"]
