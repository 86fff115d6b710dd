"""Reading CSV files of units, people, groups and projects into one plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import Role, UnitKind
from booking.services.imports.csv_files import Columns, CsvRow, rows_of
from booking.services.imports.plan import BadRow, Line, RowOutcome, WantedUser
from labitory.lib.cells import read_cell, read_names

# By kind: the column that tells it, those that must be there, and those that may.
ORGANISATION_COLUMNS: dict[str, tuple[str, Columns]] = {
    "units": ("kind", (("code", "kind", "name"), ("within", "active"))),
    "people": (
        "username",
        (
            ("username", "email"),
            ("first_name", "last_name", "role", "affiliation", "unit", "groups", "active"),
        ),
    ),
    "groups": (
        "lead",
        (("name", "lead"), ("unit", "price_class", "members", "managers", "active")),
    ),
    "projects": (
        "group",
        (
            ("code", "name", "group"),
            ("starts_on", "ends_on", "price_class", "members", "active"),
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedUnit:
    """A unit by code; what is None is left as it is."""

    name: str
    code: str
    kind: UnitKind
    title: str
    within: str = ""
    is_active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPerson:
    """An account by user name with its unit's code and the names of groups to be in."""

    name: str
    user: WantedUser
    unit: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedGroup:
    """A group by name; people are added, never removed."""

    name: str
    title: str
    lead: str
    unit: str | None = None
    price_class: str | None = None
    members: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    is_active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedProject:
    """A project by account code; people are added, never removed."""

    name: str
    code: str
    title: str
    group: str
    starts_on: date | None = None
    ends_on: date | None = None
    # Whether the file says anything of the last day: an empty cell is "no end".
    sets_end: bool = False
    price_class: str | None = None
    members: tuple[str, ...] = ()
    is_active: bool | None = None


@dataclass(slots=True, kw_only=True)
class OrganisationPlan:
    """All that the files ask for, with the rows that could not be read."""

    source: str
    units: list[WantedUnit] = field(default_factory=list)
    people: list[WantedPerson] = field(default_factory=list)
    groups: list[WantedGroup] = field(default_factory=list)
    projects: list[WantedProject] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def read_organisation(files: Sequence[tuple[str, bytes]]) -> OrganisationPlan:
    """One plan from all files; raises BadRow where a file as a whole cannot be read."""
    plan = OrganisationPlan(source=", ".join(source for source, _content in files))
    for source, content in files:
        try:
            _read_file(plan, content)
        except BadRow as error:
            raise BadRow(f"{source}: {error}") from error
    return plan


def kind_of(header: list[str]) -> str:
    """What a file holds, told by its columns."""
    for kind, (telling, _columns) in ORGANISATION_COLUMNS.items():
        if telling in header:
            return kind
    raise BadRow(
        _("The header is none of units (kind), people (username), groups (lead), projects (group).")
    )


def _read_file(plan: OrganisationPlan, content: bytes) -> None:
    kinds: list[str] = []

    def columns_for(header: list[str]) -> Columns:
        kinds.append(kind_of(header))
        return ORGANISATION_COLUMNS[kinds[0]][1]

    rows = rows_of(content, columns_for)
    if not kinds:
        return
    seen: dict[str, int] = {}
    read: Callable[[CsvRow, OrganisationPlan], str] = _READERS[kinds[0]]
    for row in rows:
        try:
            if row.is_too_long:
                raise BadRow(_("It has more cells than the header."))
            key = read(row, plan)
            if key in seen:
                raise BadRow(_("The same as line %(n)s.") % {"n": seen[key]})
            seen[key] = row.line
        except BadRow as error:
            line = Line(
                kind=_NOUNS[kinds[0]], name=row.name, outcome=RowOutcome.BAD, detail=str(error)
            )
            plan.lines.append(line)


def _unit(row: CsvRow, plan: OrganisationPlan) -> str:
    kind = row.required("kind").lower()
    if kind not in UnitKind.values:
        raise BadRow(
            _("kind must be one of: %(names)s.") % {"names": ", ".join(map(str, UnitKind.values))}
        )
    code = read_cell(row.required("code"))
    plan.units.append(
        WantedUnit(
            name=row.name,
            code=code,
            kind=UnitKind(kind),
            title=read_cell(row.required("name")),
            within=read_cell(row.text("within")),
            is_active=_flag(row),
        )
    )
    return code.lower()


def _person(row: CsvRow, plan: OrganisationPlan) -> str:
    username = read_cell(row.required("username"))
    role = row.text("role").lower().replace(" ", "_")
    if role and role not in Role.values:
        raise BadRow(
            _("role must be one of: %(names)s.") % {"names": ", ".join(map(str, Role.values))}
        )
    user = WantedUser(
        name=row.name,
        username=username,
        email=read_cell(row.required("email")),
        first_name=_given(row, "first_name"),
        last_name=_given(row, "last_name"),
        role=Role(role) if role else None,
        affiliation=_given(row, "affiliation"),
        is_active=_flag(row),
    )
    plan.people.append(
        WantedPerson(
            name=row.name, user=user, unit=_given(row, "unit"), groups=_words(row, "groups")
        )
    )
    return username.lower()


def _group(row: CsvRow, plan: OrganisationPlan) -> str:
    title = read_cell(row.required("name"))
    plan.groups.append(
        WantedGroup(
            name=row.name,
            title=title,
            lead=read_cell(row.required("lead")),
            unit=_given(row, "unit"),
            price_class=_given(row, "price_class"),
            members=_words(row, "members"),
            managers=_words(row, "managers"),
            is_active=_flag(row),
        )
    )
    return title.lower()


def _project(row: CsvRow, plan: OrganisationPlan) -> str:
    code = read_cell(row.required("code"))
    plan.projects.append(
        WantedProject(
            name=row.name,
            code=code,
            title=read_cell(row.required("name")),
            group=read_cell(row.required("group")),
            starts_on=_day(row, "starts_on"),
            ends_on=_day(row, "ends_on"),
            sets_end="ends_on" in row.fields,
            price_class=_given(row, "price_class"),
            members=_words(row, "members"),
            is_active=_flag(row),
        )
    )
    return code.lower()


def _given(row: CsvRow, column: str) -> str | None:
    return read_cell(row.text(column)) if column in row.fields else None


def _words(row: CsvRow, column: str) -> tuple[str, ...]:
    return read_names(read_cell(row.text(column)))


def _flag(row: CsvRow) -> bool | None:
    return row.flag("active") if row.text("active") else None


def _day(row: CsvRow, column: str) -> date | None:
    text = row.text(column)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRow(
            _("%(name)s is no day: %(text)s. Write it as 2026-03-31.")
            % {"name": column, "text": text[:40]}
        ) from None


_READERS: dict[str, Callable[[CsvRow, OrganisationPlan], Any]] = {
    "units": _unit,
    "people": _person,
    "groups": _group,
    "projects": _project,
}
_NOUNS = {"units": "unit", "people": "person", "groups": "group", "projects": "project"}
