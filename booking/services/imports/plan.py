"""What a file asks for, whatever its format, and what became of each of its rows."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from booking.enums import Limit, Status
from labitory.lib.periods import Period


class RowOutcome(StrEnum):
    """What an import did with a row, or would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    BAD = "bad"


_KINDS = {
    "unit": _("unit"),
    "person": _("person"),
    "group": _("group"),
    "project": _("project"),
    "membership": _("membership"),
    "entry": _("entry"),
    "clash": _("clash"),
    "rule": _("against a rule"),
    "unread": _("not understood"),
}


class BadRow(Exception):
    """A row that cannot be imported; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row: what it is, where it stands, its outcome, and what changes or why not."""

    kind: str
    name: str
    outcome: RowOutcome
    detail: str = ""

    @property
    def kind_words(self) -> str:
        """What it is, in words."""
        return str(_KINDS.get(self.kind, self.kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedUser:
    """An account by user name; what is None is left as it is."""

    name: str
    username: str
    email: str
    first_name: str | None = None
    last_name: str | None = None
    role: Role | None = None
    is_active: bool | None = None
    affiliation: str | None = None
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedResource:
    """A resource by name; `values` are fields of the model, those that are missing stay.

    `responsible` are pairs of a user name and a kind of responsibility, or None to leave them.
    """

    name: str
    resource_name: str
    type_name: str
    values: dict[str, str | int | bool]
    limits: dict[Limit, int] = field(default_factory=dict)
    responsible: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAccess:
    """A person's leave to book a restricted resource."""

    name: str
    username: str
    resource_name: str
    granted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedClosure:
    """A time in which the whole lab is closed."""

    name: str
    period: Period
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBooking:
    """A booking. `key` names it in its source; `digest` tells whether the source changed it."""

    name: str
    key: str
    digest: str
    username: str
    resource_name: str
    period: Period
    status: Status
    creator: str = ""
    created_at: datetime | None = None
    cancelled_at: datetime | None = None
    purpose: str = ""
    notes: str = ""
    seats: int = 1


@dataclass(slots=True, kw_only=True)
class Plan:
    """All that a file asks for, with the rows that could not be read."""

    source: str
    users: list[WantedUser] = field(default_factory=list)
    resources: list[WantedResource] = field(default_factory=list)
    accesses: list[WantedAccess] = field(default_factory=list)
    closures: list[WantedClosure] = field(default_factory=list)
    bookings: list[WantedBooking] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    # What the file has and Labitory does not take over, in words.
    notes: list[str] = field(default_factory=list)

    def note_bad(self, kind: str, name: str, reason: object) -> None:
        """A row that could not be read."""
        self.lines.append(Line(kind=kind, name=name, outcome=RowOutcome.BAD, detail=str(reason)))

    def note_skipped(self, kind: str, name: str, reason: str) -> None:
        """A row that is left out on purpose."""
        self.lines.append(Line(kind=kind, name=name, outcome=RowOutcome.SKIPPED, detail=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import did, or would do; `is_written` says which."""

    source: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    is_written: bool
    # Of a file that is taken in portions: how much is left, and after which place it begins.
    rest: int = 0
    reached: str = ""

    @property
    def bad(self) -> tuple[Line, ...]:
        """The rows that cannot be imported."""
        return tuple(line for line in self.lines if line.outcome is RowOutcome.BAD)

    @property
    def digest(self) -> str:
        """The same for the same lines: what was looked at is what is confirmed."""
        told = [[line.kind, line.name, line.outcome, line.detail] for line in self.lines]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def counts(self) -> dict[str, Counter[RowOutcome]]:
        """How many rows of each kind had each outcome."""
        found: dict[str, Counter[RowOutcome]] = {}
        for line in self.lines:
            found.setdefault(line.kind, Counter())[line.outcome] += 1
        return found
