"""The cast of the demonstration: accounts that work on a developer's own machine only."""

from accounts.enums import Role

# Known to everybody, so it protects nothing: UserBackend refuses it outside development.
DEMO_PASSWORD = "labitory-demo"  # noqa: S105
DEMO_CAST: tuple[tuple[str, Role], ...] = (
    ("ada", Role.STUDENT),
    ("ben", Role.ACADEMIC),
    ("chris", Role.LAB_MANAGER),
    ("dora", Role.SYSADMIN),
    ("eve", Role.STUDENT),
)
