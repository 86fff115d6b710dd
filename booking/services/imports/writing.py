"""Bringing the lab to what a plan wants: row by row, each in a savepoint of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.errors import AccountRefused
from accounts.models import User
from booking.errors import BookingError
from booking.models import Resource
from booking.services.imports.plan import BadRow, Line, RowOutcome
from labitory.lib.db import constraint_of

LONGEST_TEXT = 5000
_REFUSALS = (
    BadRow,
    ValidationError,
    AccountRefused,
    BookingError,
    DataError,
    IntegrityError,
)
Done = tuple[RowOutcome, str]


class Named(Protocol):
    """A wanted row: `name` says where it stands and what it is."""

    @property
    def name(self) -> str:
        """Where it stands and what it is."""


W = TypeVar("W", bound=Named)


@dataclass(slots=True, kw_only=True)
class Lab:
    """What stands already, by lower-case name, and what was done so far."""

    now: datetime
    # Who takes the file in; nobody for a command.
    actor: User | None = None
    users: dict[str, User] = field(default_factory=dict)
    emails: dict[str, User] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def add_user(self, user: User) -> None:
        """Know an account by its names."""
        self.users[user.username.lower()] = user
        self.emails[user.email.lower()] = user

    def user(self, username: str) -> User:
        """The account of this name, or a bad row."""
        found = self.users.get(username.lower())
        if found is None:
            raise BadRow(_("There is no user %(name)s.") % {"name": username or "–"})
        return found

    def resource(self, name: str) -> Resource:
        """The resource of this name, or a bad row."""
        found = self.resources.get(name.lower())
        if found is None:
            raise BadRow(_("There is no resource %(name)s.") % {"name": name or "–"})
        return found


def load_lab(now: datetime) -> Lab:
    """Everything that rows can name."""
    lab = Lab(now=now)
    for user in User.objects.select_related("profile"):
        lab.add_user(user)
    known = Resource.objects.select_related("resource_type").prefetch_related(
        "links__linked", "responsible__user"
    )
    lab.resources = {resource.name.lower(): resource for resource in known}
    return lab


L = TypeVar("L", bound=Lab)


def write_rows(lab: L, kind: str, rows: Iterable[W], write: Callable[[L, W], Done]) -> None:
    """Write each row; what a row refuses undoes that row alone and is told by its name."""
    for row in rows:
        try:
            with transaction.atomic():
                outcome, detail = write(lab, row)
        except _REFUSALS as error:
            outcome, detail = RowOutcome.BAD, reason_of(error)
        lab.lines.append(Line(kind=kind, name=row.name, outcome=outcome, detail=detail))


def reason_of(error: Exception) -> str:
    """Why a row is bad, in words."""
    if isinstance(error, AccountRefused):
        return error.text
    if isinstance(error, BookingError):
        return " ".join(refusal.text for refusal in error.refusals)
    if isinstance(error, ValidationError):
        if hasattr(error, "error_dict"):
            return " ".join(
                f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()
            )
        return " ".join(error.messages)
    if isinstance(error, DataError | IntegrityError):
        return _("It contradicts what is there (%(rule)s).") % {
            "rule": constraint_of(error) or error
        }
    return str(error)


def require_short(text: str, name: str) -> None:
    """Text areas hold 5,000 letters; the database itself would take more."""
    if len(text) > LONGEST_TEXT:
        raise BadRow(
            _("%(name)s is longer than %(n)s letters.") % {"name": name, "n": LONGEST_TEXT}
        )


def set_values(row: Model, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set those fields that differ; gives them with their values before and after."""
    changes = {
        name: (getattr(row, name), value)
        for name, value in values.items()
        if getattr(row, name) != value
    }
    for name, (_before, after) in changes.items():
        setattr(row, name, after)
    return changes


def say_changes(changes: dict[str, tuple[Any, Any]]) -> str:
    """The changed fields in few words."""
    return ", ".join(
        f"{name}: {_short(before)} → {_short(after)}" for name, (before, after) in changes.items()
    )


def _short(value: object) -> str:
    text = "–" if value in (None, "") else " ".join(str(value).split())
    return text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - a line of output
