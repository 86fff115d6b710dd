"""What a deployment is told about its database."""

from typing import Any

from django.core import checks
from django.db import OperationalError

from accounts.wall import is_bypassed


@checks.register(checks.Tags.security, deploy=True)
def check_wall(**_kwargs: Any) -> list[checks.CheckMessage]:
    """A role that row-level security does not hold makes the second wall a painted one."""
    try:
        if not is_bypassed():
            return []
    except OperationalError:
        # The image is checked where there is no database.
        return []
    return [
        checks.Warning(
            "The database role walks through row-level security: it is a superuser or has "
            "BYPASSRLS.",
            hint="Give the application a role of its own, see docs/operations.md.",
            id="accounts.W001",
        )
    ]
