"""Limits of a policy file: read, written, as they stand, and made so."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import Limit
from booking.models import BookingPolicy
from booking.services._policy_lines import LimitLine
from booking.services._policy_places import Places
from booking.services._policy_rows import Row
from booking.services._policy_words import read_value, write_value

_LONGEST_NAME = 150


def read_limit(row: Row) -> LimitLine | None:
    """A limit as the file has it; None where it makes no sense, which is noted."""
    name = row.choice("limit", Limit.values, _("There is no limit of this name."))
    if row.is_block and not row.has("limit"):
        row.complain("", _("Say which `limit:` it is."))
    role = read_role(row)
    resource, kind = read_place(row)
    value = None
    if name:
        limit = Limit(name)
        hint = _("its value is not understood; write such as “2 h”, “3 bookings”, “no limit”.")
        if not row.has("value"):
            row.complain("", _("Write a `value:` such as “2 h”, “3 bookings”, “no limit”."))
        value = row.value("value", lambda word: read_value(limit, word), hint, None)
    else:
        row.raw("value")
    row.close()
    if not name:
        return None
    return LimitLine(
        limit=Limit(name), role=role, resource=resource, type=kind, value=value, at=row.at
    )


def read_role(row: Row) -> str:
    """The role of a row, empty for everybody."""
    return row.choice("role", Role.values, _("There is no role of this name."))


def read_place(row: Row) -> tuple[str, str]:
    """The resource or the type of a row, never both."""
    resource = row.word("resource", most=_LONGEST_NAME)
    kind = row.word("type", most=_LONGEST_NAME)
    if resource and kind:
        row.complain("", _("It holds on one resource or one type, not both: take one away."))
    return resource, kind


def limit_out(line: LimitLine) -> dict[str, Any]:
    """A limit as the file writes it."""
    found: dict[str, Any] = {"limit": str(line.limit.value)}
    found |= {
        name: str(word) for name in ("role", "resource", "type") if (word := getattr(line, name))
    }
    return {**found, "value": write_value(line.limit, line.value)}


def standing_limits() -> tuple[LimitLine, ...]:
    """The limits as they are now."""
    rows = BookingPolicy.objects.select_related("resource", "resource_type")
    return tuple(
        LimitLine(
            limit=Limit(row.limit),
            role=row.role,
            resource=row.resource.name if row.resource else "",
            type=row.resource_type.name if row.resource_type else "",
            value=row.value,
        )
        for row in rows
    )


def write_limit(before: LimitLine | None, after: LimitLine | None, places: Places) -> None:
    """Make one limit what the file says."""
    line = after or before
    if line is None:
        return
    row = places.row(line)
    scope: dict[str, Any] = {
        "limit": row.limit,
        "role": row.role,
        "resource_id": row.resource_id,
        "resource_type_id": row.type_id,
    }
    if after is None:
        BookingPolicy.objects.filter(**scope).delete()
    else:
        BookingPolicy.objects.update_or_create(**scope, defaults={"value": row.value})
