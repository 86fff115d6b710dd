"""Who may look after the guards of the login."""

from accounts.models import User
from accounts.permissions.grants import may


def can_unlock_user(actor: User) -> bool:
    """Whoever looks after security lets people in again who have to wait."""
    return may(actor, "security.manage")


def can_set_password(actor: User, user: User) -> bool:
    """Whoever may change accounts sets the password of another; one's own is changed as always."""
    return actor.pk != user.pk and may(actor, "user.manage")
