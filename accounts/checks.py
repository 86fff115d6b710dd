"""What a deployment is told about its database."""

from collections.abc import Sequence
from typing import Any

from django.core import checks

from accounts.wall import is_bypassed


@checks.register(checks.Tags.database, deploy=True)
def check_wall(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """A role that row-level security does not hold makes the second wall a painted one."""
    if not databases or not is_bypassed():
        return []
    return [
        checks.Warning(
            "The database role walks through row-level security: it is a superuser or has "
            "BYPASSRLS.",
            hint="Give the application a role of its own, see docs/operations.md.",
            id="accounts.W001",
        )
    ]
