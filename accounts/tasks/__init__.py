"""What workers do for accounts: each task is one call of a service."""

from accounts.tasks import registrations

__all__ = ["registrations"]
