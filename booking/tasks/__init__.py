"""What workers do: each task is one call of a service."""

from booking.tasks import access, maintenance, notifications, quotas, training

__all__ = ["access", "maintenance", "notifications", "quotas", "training"]
