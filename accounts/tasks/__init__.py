"""What workers do for accounts: each task is one call of a service."""

from accounts.tasks import keys, registrations, roles, sso

__all__ = ["keys", "registrations", "roles", "sso"]
