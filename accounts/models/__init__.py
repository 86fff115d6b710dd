"""The people of the lab."""

from accounts.models.users import User, UserManager, UserPreferences, UserProfile

__all__ = ["User", "UserManager", "UserPreferences", "UserProfile"]
