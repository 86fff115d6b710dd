"""Who may do what with accounts, and the one function that answers for everything."""

from accounts.permissions.grants import Places, Where, may, places
from accounts.permissions.users import (
    can_change_profile,
    can_create_user,
    can_deactivate_user,
    can_set_role,
)

__all__ = [
    "Places",
    "Where",
    "can_change_profile",
    "can_create_user",
    "can_deactivate_user",
    "can_set_role",
    "may",
    "places",
]
