"""The people of the lab in the admin."""

from accounts.admin.users import UserAdmin

__all__ = ["UserAdmin"]
