"""Reading a NEMO fixture (`manage.py dumpdata` of NEMO 4 and later) into a plan."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import Limit, ResponsibleKind, Status
from booking.services.imports.nemo_rows import Fixture, NemoRow
from booking.services.imports.plan import (
    BadRow,
    Plan,
    WantedAccess,
    WantedBooking,
    WantedClosure,
    WantedResource,
    WantedUser,
)
from booking.services.imports.reading import digest_of, read_moment, read_period, status_at

DAY_MINUTES = 1440
_TAKEN = {
    "user",
    "usertype",
    "tool",
    "qualification",
    "closure",
    "closuretime",
    "reservation",
    "project",
    "task",
}
# NEMO's field, our limit, and how many of our minutes make one of its units.
_LIMITS = (
    ("reservation_horizon", Limit.HORIZON, DAY_MINUTES),
    ("minimum_usage_block_time", Limit.MIN_LENGTH, 1),
    ("maximum_usage_block_time", Limit.MAX_LENGTH, 1),
    ("minimum_time_between_reservations", Limit.GAP, 1),
    ("maximum_future_reservation_time", Limit.FUTURE_MINUTES, 1),
)
# What has no counterpart with the same meaning here.
_NO_LIMITS = (
    "maximum_reservations_per_day",
    "missed_reservation_threshold",
    "policy_off_between_times",
    "policy_off_weekend",
)


def read_nemo(*, content: bytes, source: str, now: datetime) -> Plan:
    """A plan from a fixture; raises BadRow where the file is none."""
    fixture = Fixture(_rows(content))
    plan = Plan(source=source)
    readers: tuple[tuple[str, str, Callable[[NemoRow], None]], ...] = (
        ("user", "user", lambda row: plan.users.append(_user(row, fixture))),
        ("tool", "resource", lambda row: _tool(row, fixture, plan)),
        ("qualification", "access", lambda row: plan.accesses.append(_access(row, fixture))),
        ("closuretime", "closure", lambda row: plan.closures.append(_closure(row, fixture))),
        ("reservation", "booking", lambda row: _reservation(row, fixture, plan, now)),
    )
    for model, kind, read in readers:
        seen: set[str] = set()
        for row in fixture.of(model):
            try:
                read(row)
                _require_once(row, model, seen)
            except BadRow as error:
                plan.note_bad(kind, row.name, error)
    plan.notes.extend(_left_out(fixture))
    return plan


def _rows(content: bytes) -> list[dict[str, Any]]:
    try:
        rows = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadRow(_("The file is no JSON: %(error)s") % {"error": error}) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadRow(_("The file is no Django fixture: a list of objects is expected."))
    if not any(str(row.get("model", "")).lower().startswith("nemo.") for row in rows):
        raise BadRow(_("The file has nothing of NEMO: its models are called NEMO.…"))
    return rows


def _require_once(row: NemoRow, model: str, seen: set[str]) -> None:
    """Tools and users are known by their name: a second one of the same name is a mistake."""
    if model not in ("tool", "user"):
        return
    key = row.text("name" if model == "tool" else "username").lower()
    if key in seen:
        raise BadRow(_("The file has this name twice."))
    seen.add(key)


def _user(row: NemoRow, fixture: Fixture) -> WantedUser:
    username, email = row.required("username"), row.required("email")
    joined = row.value("date_joined")
    return WantedUser(
        name=username,
        username=username,
        email=email,
        first_name=row.text_or_none("first_name"),
        last_name=row.text_or_none("last_name"),
        role=_role(row, fixture),
        is_active=row.flag("is_active", default=True),
        joined_at=read_moment(joined, "date_joined") if joined else None,
    )


def _role(row: NemoRow, fixture: Fixture) -> Role:
    if row.flag("is_superuser"):
        return Role.SYSADMIN
    if any(row.flag(f"is_{name}") for name in ("staff", "technician", "facility_manager")):
        return Role.LAB_MANAGER
    kind = fixture.name_of("usertype", row.value("type"), "name").lower()
    if "student" in kind:
        return Role.STUDENT
    academic = any(word in kind for word in ("faculty", "professor", "academic"))
    return Role.ACADEMIC if academic else Role.RESEARCHER


def _tool(row: NemoRow, fixture: Fixture, plan: Plan) -> None:
    name = row.required("name")
    if row.value("parent_tool"):
        parent = fixture.name_of("tool", row.value("parent_tool"), "name")
        plan.note_skipped("resource", name, _("Another name of %(name)s.") % {"name": parent})
        return
    values = _state(row, fixture)
    description, location = row.text_or_none("description"), row.text_or_none("location")
    if description is not None:
        values["description"] = strip_tags(description.replace("<br>", "\n"))
    if location is not None:
        values["location"] = location
    if name.lower() in fixture.qualified_tools:
        values["requires_access"] = True
    plan.resources.append(
        WantedResource(
            name=name,
            resource_name=name,
            type_name=row.text("category"),
            values=values,
            limits=_limits(row),
            responsible=_owners(row, fixture),
        )
    )


def _state(row: NemoRow, fixture: Fixture) -> dict[str, str | int | bool]:
    """Open, or closed with the reason of the task that shut it down."""
    if not row.flag("visible", default=True):
        return {"is_active": False, "closed_reason": _("Not in use any more.")}
    if row.flag("operational", default=True):
        return {"is_active": True}
    reason = fixture.shutdown_reason(row.text("name")) or _("Out of order.")
    return {"is_active": False, "closed_reason": reason[:300]}


def _limits(row: NemoRow) -> dict[Limit, int]:
    found = {}
    for field, limit, factor in _LIMITS:
        number = row.number(field)
        if number:
            found[limit] = number * factor
    return found


def _owners(row: NemoRow, fixture: Fixture) -> tuple[tuple[str, str], ...]:
    owners = []
    primary = row.value("primary_owner")
    if primary:
        owners.append((fixture.name_of("user", primary, "username"), ResponsibleKind.PRIMARY))
    backups = row.value("backup_owners") or []
    if not isinstance(backups, list):
        raise BadRow(_("backup_owners is no list."))
    owners += [
        (fixture.name_of("user", each, "username"), ResponsibleKind.SECONDARY) for each in backups
    ]
    return tuple((name, str(kind)) for name, kind in owners)


def _access(row: NemoRow, fixture: Fixture) -> WantedAccess:
    username = fixture.name_of("user", row.value("user"), "username")
    tool = fixture.name_of("tool", row.value("tool"), "name")
    day = row.value("qualified_on")
    return WantedAccess(
        name=f"{username}, {tool}",
        username=username,
        resource_name=tool,
        granted_at=read_moment(day, "qualified_on") if day else None,
    )


def _closure(row: NemoRow, fixture: Fixture) -> WantedClosure:
    period = read_period(row.value("start_time"), row.value("end_time"), ("start_time", "end_time"))
    reason = fixture.name_of("closure", row.value("closure"), "name")
    return WantedClosure(
        name=f"{reason}, {period.start:%Y-%m-%d}", period=period, reason=reason or _("Closed")
    )


def _reservation(row: NemoRow, fixture: Fixture, plan: Plan, now: datetime) -> None:
    if not row.value("tool"):
        plan.note_skipped("booking", row.name, _("It reserves an area, not a tool."))
        return
    username = fixture.name_of("user", row.value("user"), "username")
    tool = fixture.name_of("tool", row.value("tool"), "name")
    period = read_period(row.value("start"), row.value("end"), ("start", "end"))
    made, cancelled = row.value("creation_time"), row.value("cancellation_time")
    key = str(row.pk) if row.pk is not None else digest_of(tool, username, period.start)[:40]
    plan.bookings.append(
        WantedBooking(
            name=f"{row.name}: {tool}, {username}, {period.start:%Y-%m-%d %H:%M} UTC",
            key=f"nemo:{key}",
            digest=digest_of(row.fields),
            username=username,
            resource_name=tool,
            period=period,
            status=_status(row, period.start <= now, status_at(period, now)),
            creator=fixture.name_of("user", row.value("creator"), "username"),
            created_at=read_moment(made, "creation_time") if made else None,
            cancelled_at=read_moment(cancelled, "cancellation_time") if cancelled else None,
            purpose=_purpose(row, fixture),
            notes=row.text("additional_information"),
        )
    )


def _status(row: NemoRow, begun: bool, by_time: Status) -> Status:  # noqa: FBT001
    if row.flag("cancelled"):
        return Status.CANCELLED
    return Status.NO_SHOW if row.flag("missed") and begun else by_time


def _purpose(row: NemoRow, fixture: Fixture) -> str:
    """The title with the project in brackets, whichever there is."""
    title, project = row.text("title"), fixture.name_of("project", row.value("project"), "name")
    both = f"{title} ({project})" if title and project else title or project
    return both[:200]


def _left_out(fixture: Fixture) -> list[str]:
    """What the file has and Labitory does not take over."""
    limits = Counter(name for row in fixture.of("tool") for name in _NO_LIMITS if row.value(name))
    notes = [
        _("Not taken over: %(field)s of %(n)s tools has no counterpart.") % {"field": name, "n": n}
        for name, n in sorted(limits.items())
    ]
    others = Counter({model: len(rows) for model, rows in fixture.rows.items()})
    named = ", ".join(f"{n} {model}" for model, n in sorted(others.items()) if model not in _TAKEN)
    if named:
        notes.append(_("Not taken over, no counterpart yet: %(named)s.") % {"named": named})
    return notes
