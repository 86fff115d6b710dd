"""Who may edit the organisation."""

from accounts.models import User
from accounts.permissions.grants import may


def can_manage_units(user: User) -> bool:
    """Whoever may edit the organisation writes units and price classes."""
    return may(user, "unit.manage")
