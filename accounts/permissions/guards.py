"""Who may look after the guards of the login."""

from accounts.models import User
from accounts.permissions.grants import may
from accounts.permissions.users import can_deactivate_user


def can_unlock_user(actor: User) -> bool:
    """Whoever looks after security lets people in again who have to wait."""
    return may(actor, "security.manage")


def can_set_password(actor: User, user: User) -> bool:
    """Who could close the account sets its password; one's own is changed as always."""
    return can_deactivate_user(actor, user)
