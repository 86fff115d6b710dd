"""Which role may what, as a table: for the page and for docs/permissions.md."""

from dataclasses import dataclass

from accounts.enums import Role
from accounts.permissions.catalogue import (
    BuiltinRole,
    Permission,
    builtin_roles,
    permissions,
    standing_permissions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One permission: whether each standing role has it, and which roles of the product do."""

    permission: Permission
    standing: tuple[bool, ...]
    builtin: tuple[BuiltinRole, ...]


def matrix() -> list[Row]:
    """Every permission in the order of its code."""
    standing = {role: {each.code for each in standing_permissions(role)} for role in Role}
    return [
        Row(
            permission=permissions()[code],
            standing=tuple(code in standing[role] for role in Role),
            builtin=tuple(each for each in builtin_roles().values() if code in each.permissions),
        )
        for code in sorted(permissions())
    ]


def permissions_reference() -> str:
    """The table, and the roles of the product, for docs/permissions.md."""
    names = " | ".join(str(role.label) for role in Role)
    lines = [
        "# Permissions\n",
        "A standing role brings what is marked everywhere; superusers may all. Besides it people",
        "hold granted roles: everywhere, in a unit of the organisation and what lies within, on a",
        "type, or on one resource, for a time or until taken away. What knows no places counts",
        "from roles granted for everywhere only.\n",
        f"| Permission | May | Places | {names} | In the roles |",
        "|---|---|---|" + "---|" * (len(Role) + 1),
    ]
    for row in matrix():
        marks = " | ".join("yes" if each else "" for each in row.standing)
        scoped = "yes" if row.permission.scoped else "no"
        roles = ", ".join(str(each.name) for each in row.builtin)
        code, words = row.permission.code, row.permission.words
        lines.append(f"| `{code}` | {words} | {scoped} | {marks} | {roles} |")
    lines += [
        "",
        "## Roles of the product\n",
        "Written to the database after each migration; system administrators compose more.\n",
        "| Role | Code | For |",
        "|---|---|---|",
        *(
            f"| {each.name} | `{each.code}` | {each.description} |"
            for each in builtin_roles().values()
        ),
    ]
    return "\n".join(lines) + "\n"
