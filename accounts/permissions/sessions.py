"""Who may see and end the sessions of others."""

from accounts.models import User
from accounts.permissions.grants import may
from accounts.permissions.roles import reaches


def can_end_sessions(actor: User, user: User) -> bool:
    """Who may end sessions does so for others who may nothing that they may not."""
    return may(actor, "user.end_sessions") and actor.pk != user.pk and reaches(actor, user)
