"""What workers do for accounts: each task is one call of a service."""

from accounts.tasks import registrations, roles

__all__ = ["registrations", "roles"]
