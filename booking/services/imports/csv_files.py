"""Reading CSV files of resources, users and bookings into a plan."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import ResponsibleKind, Status
from booking.services.imports.plan import (
    BadRow,
    Plan,
    WantedBooking,
    WantedResource,
    WantedUser,
)
from booking.services.imports.reading import digest_of, no_null, read_period, status_at
from labitory.lib.periods import Period

LARGEST = 10 * 1024 * 1024
# Columns by kind: those that must be there first, then those that may.
Columns = tuple[tuple[str, ...], tuple[str, ...]]
CSV_COLUMNS: dict[str, Columns] = {
    "resources": (
        ("name", "type"),
        (
            "description",
            "location",
            "slot_minutes",
            "setup_minutes",
            "cleanup_minutes",
            "capacity",
            "restricted",
            "approval",
            "open_on_holidays",
            "time_zone",
            "open",
            "closed_reason",
            "responsible",
        ),
    ),
    "users": (
        ("username", "email"),
        ("first_name", "last_name", "role", "affiliation", "active"),
    ),
    "bookings": (
        ("resource", "user", "start_time", "end_time"),
        ("id", "status", "purpose", "notes", "seats"),
    ),
}
_FLAGS = {
    "restricted": "requires_access",
    "approval": "requires_approval",
    "open_on_holidays": "open_on_holidays",
    "open": "is_active",
}
_NUMBERS = ("slot_minutes", "setup_minutes", "cleanup_minutes", "capacity")
_TEXTS = ("description", "location", "time_zone", "closed_reason")
_YES, _NO = {"yes", "true", "1"}, {"no", "false", "0"}
_KINDS = {"resources": "resource", "users": "user", "bookings": "booking"}


class CsvRow:
    """One line of the file, by column."""

    def __init__(self, header: list[str], cells: list[str], line: int) -> None:
        """`line` is where it ends in the file; missing cells at its end are empty."""
        padded = [*cells, *[""] * (len(header) - len(cells))]
        self.fields = {
            name: no_null(cell) for name, cell in zip(header, padded, strict=False) if name
        }
        self.line = line
        self.is_too_long = len(cells) > len(header)

    @property
    def name(self) -> str:
        """How a report names the row."""
        words = ", ".join(value for value in list(self.fields.values())[:3] if value)
        return _("line %(n)s: %(words)s") % {"n": self.line, "words": words[:80]}

    def text(self, column: str) -> str:
        """The cell, empty where the column is missing."""
        return self.fields.get(column, "")

    def required(self, column: str) -> str:
        """The cell, which must not be empty."""
        if not self.text(column):
            raise BadRow(_("%(name)s is missing.") % {"name": column})
        return self.text(column)

    def flag(self, column: str) -> bool:
        """A cell that says yes or no."""
        word = self.text(column).lower()
        if word not in _YES | _NO:
            raise BadRow(_("%(name)s must be yes or no.") % {"name": column})
        return word in _YES

    def number(self, column: str) -> int:
        """A cell with a whole number."""
        word = self.text(column)
        if not (word.isascii() and word.isdigit() and len(word) < 6):  # noqa: PLR2004
            raise BadRow(_("%(name)s must be a whole number.") % {"name": column})
        return int(word)


def read_csv(*, kind: str, content: bytes, source: str, now: datetime) -> Plan:
    """A plan from a file; raises BadRow where the file as a whole cannot be read."""
    plan = Plan(source=source)
    readers: dict[str, Callable[[CsvRow], str]] = {
        "resources": lambda row: _resource(row, plan),
        "users": lambda row: _user(row, plan),
        "bookings": lambda row: _booking(row, plan, now),
    }
    seen: dict[str, int] = {}
    for row in _rows(kind, content):
        try:
            if row.is_too_long:
                raise BadRow(_('It has more cells than the header: put text with commas in "".'))
            key = readers[kind](row)
            if key in seen:
                raise BadRow(_("The same as line %(n)s.") % {"n": seen[key]})
            seen[key] = row.line
        except BadRow as error:
            plan.note_bad(_KINDS[kind], row.name, error)
    return plan


def _rows(kind: str, content: bytes) -> list[CsvRow]:
    if kind not in CSV_COLUMNS:
        raise BadRow(_("Choose one of: %(kinds)s.") % {"kinds": ", ".join(CSV_COLUMNS)})
    return rows_of(content, lambda _header: CSV_COLUMNS[kind])


def rows_of(content: bytes, columns_for: Callable[[list[str]], Columns]) -> list[CsvRow]:
    """The lines of a file whose header has the columns that it must have, and no unknown ones.

    Raises BadRow where the file as a whole cannot be read.
    """
    if len(content) > LARGEST:
        raise BadRow(_("The file is larger than 10 MB: split it."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRow(_("The file is not UTF-8: save it as UTF-8.")) from error
    first = text.partition("\n")[0]
    # Spreadsheets of countries with a decimal comma write semicolons.
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[CsvRow] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _require_columns(columns_for(header), header)
        rows.extend(
            CsvRow(header, cells, reader.line_num)
            for cells in reader
            if any(cell.strip() for cell in cells)
        )
    except csv.Error as error:
        raise BadRow(
            _("Line %(n)s is no CSV: %(error)s.") % {"n": reader.line_num, "error": error}
        ) from error
    return rows


def _require_columns(columns: Columns, header: list[str]) -> None:
    must, may = columns
    missing = [name for name in must if name not in header]
    unknown = [name for name in header if name not in (*must, *may)]
    if missing:
        raise BadRow(_("The header lacks: %(names)s.") % {"names": ", ".join(missing)})
    if unknown or len(set(header)) < len(header):
        raise BadRow(
            _("The header has unknown or double columns: %(names)s. Known are: %(known)s.")
            % {"names": ", ".join(unknown), "known": ", ".join((*must, *may))}
        )


def _resource(row: CsvRow, plan: Plan) -> str:
    name = row.required("name")
    values: dict[str, str | int | bool] = {}
    values |= {column: row.text(column) for column in _TEXTS if column in row.fields}
    values |= {column: row.number(column) for column in _NUMBERS if row.text(column)}
    values |= {field: row.flag(column) for column, field in _FLAGS.items() if row.text(column)}
    _check_closed(values)
    responsible = None
    if "responsible" in row.fields:
        people = [word.strip() for word in row.text("responsible").split(";")]
        responsible = tuple((word, str(ResponsibleKind.PRIMARY)) for word in people if word)
    plan.resources.append(
        WantedResource(
            name=row.name,
            resource_name=name,
            type_name=row.required("type"),
            values=values,
            responsible=responsible,
        )
    )
    return name.lower()


def _check_closed(values: dict[str, Any]) -> None:
    """A reason belongs to a closed resource, and a closed resource needs one."""
    if values.get("is_active") is False and not values.get("closed_reason"):
        raise BadRow(_("A closed resource needs a closed_reason."))
    if values.get("is_active") is not False:
        values.pop("closed_reason", None)


def _user(row: CsvRow, plan: Plan) -> str:
    username = row.required("username")
    role = row.text("role").lower().replace(" ", "_")
    if role and role not in Role.values:
        raise BadRow(
            _("role must be one of: %(names)s.") % {"names": ", ".join(map(str, Role.values))}
        )

    def given(column: str) -> str | None:
        return row.text(column) if column in row.fields else None

    plan.users.append(
        WantedUser(
            name=row.name,
            username=username,
            email=row.required("email"),
            first_name=given("first_name"),
            last_name=given("last_name"),
            role=Role(role) if role else None,
            affiliation=given("affiliation"),
            is_active=row.flag("active") if row.text("active") else None,
        )
    )
    return username.lower()


def _booking(row: CsvRow, plan: Plan, now: datetime) -> str:
    username, resource = row.required("user"), row.required("resource")
    period = read_period(row.text("start_time"), row.text("end_time"), ("start_time", "end_time"))
    own = row.text("id") or digest_of(resource.lower(), username.lower(), period.start)
    key = f"csv:{own}"
    if len(key) > 100:  # noqa: PLR2004 - what the database holds
        raise BadRow(_("id is longer than 90 letters."))
    plan.bookings.append(
        WantedBooking(
            name=row.name,
            key=key,
            digest=digest_of(row.fields),
            username=username,
            resource_name=resource,
            period=period,
            status=_status(row, period, now),
            purpose=row.text("purpose"),
            notes=row.text("notes"),
            seats=row.number("seats") if row.text("seats") else 1,
        )
    )
    return key


def _status(row: CsvRow, period: Period, now: datetime) -> Status:
    """The status of the file as far as it fits the time: what is over is not awaited."""
    word = row.text("status").lower().replace(" ", "_").replace("-", "_") or Status.CONFIRMED
    known = (Status.CONFIRMED, Status.PENDING, Status.CANCELLED, Status.NO_SHOW, Status.COMPLETED)
    if word not in known:
        raise BadRow(_("status must be one of: %(names)s.") % {"names": ", ".join(known)})
    status = Status(word)
    if status == Status.CANCELLED:
        return status
    if status == Status.PENDING and period.start > now:
        return status
    if status in (Status.NO_SHOW, Status.COMPLETED) and period.start > now:
        raise BadRow(_("It has not begun: it cannot be %(status)s.") % {"status": status.label})
    return status if status == Status.NO_SHOW else status_at(period, now)
