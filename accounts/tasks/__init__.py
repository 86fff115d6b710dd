"""What workers do for accounts: each task is one call of a service."""

from accounts.tasks import keys, registrations, retention, roles, sso

__all__ = ["keys", "registrations", "retention", "roles", "sso"]
