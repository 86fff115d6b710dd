"""What workers do for accounts: each task is one call of a service."""

from accounts.tasks import registrations, roles, sso

__all__ = ["registrations", "roles", "sso"]
