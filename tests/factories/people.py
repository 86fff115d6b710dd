"""People for tests."""

from typing import Any

from accounts.enums import Role
from accounts.models import User

PASSWORD = "correct-horse-battery"


def make_user(username: str, *, role: Role = Role.STUDENT, **fields: Any) -> User:
    """A user with profile, preferences and the password `PASSWORD`."""
    return User.objects.create_user(
        username,
        f"{username}@example.org",
        PASSWORD,
        role=role,
        first_name=username.title(),
        **fields,
    )
