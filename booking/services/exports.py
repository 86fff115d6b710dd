"""Taking lists out as files: people and organisation as `import_people` reads them, and prices."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import ResearchGroup, User
from accounts.permissions.people import can_take_lists, can_view_people
from accounts.queries.people import PeopleFilters, people
from audit.services import record
from audit.services.data_access import record_access
from audit.services.security import record_security
from booking.errors import NotAllowed
from booking.models import Price
from booking.permissions import may_somewhere
from booking.queries.lists import LISTS, Rows, person_rows
from booking.queries.prices import PRICE_COLUMNS, price_cells
from booking.services.imports.organisation_files import ORGANISATION_COLUMNS
from labitory.lib.cells import write_cell
from labitory.lib.db import run_transaction

EVERYBODY = PeopleFilters(active=None)


def people_csv(*, actor: User, filters: PeopleFilters, now: datetime) -> str:
    """The people that the filters leave, as a file that `import_people` reads.

    Who may not see contact data gets addresses that only their owners recognise. Who took it is
    kept. Raises NotAllowed.
    """
    _require_taker(actor)
    masked = not can_view_people(actor)

    def work() -> str:
        rows = list(people(filters))
        content = write_file("people", person_rows(people(filters), masked=masked))
        if not masked:
            record_access(viewer=actor, subjects=rows, what="person.file", now=now)
        _record(actor, "people", len(rows), now)
        return content

    return run_transaction(work)


def list_csv(*, actor: User, kind: str, now: datetime) -> str:
    """All units, groups or projects, as a file that `import_people` reads. Raises NotAllowed."""
    _require_taker(actor)

    def work() -> str:
        rows = list(LISTS[kind]())
        _record(actor, kind, len(rows), now)
        return write_file(kind, rows)

    return run_transaction(work)


def prices_csv(*, actor: User, word: str = "", now: datetime) -> str:
    """The prices that the person sets, as a file for spreadsheets. Raises NotAllowed."""
    if not may_somewhere(actor, "price.manage"):
        raise NotAllowed(
            code="permission.export",
            text=_("Only those who set prices take them out."),
            needs="price.manage",
        )

    def work() -> str:
        rows = price_cells(actor, now=now, word=word)
        facts = {"name": "prices", "rows": len(rows)}
        record(action="list.exported", actor=actor, target=Price(), now=now, facts=facts)
        return _write(PRICE_COLUMNS, rows)

    return run_transaction(work)


def all_files(*, now: datetime) -> dict[str, str]:
    """Everything that `import_people` reads, by kind; for a command, whose user nobody knows."""

    def work() -> dict[str, str]:
        found = {kind: list(rows()) for kind, rows in LISTS.items()}
        found["people"] = list(person_rows(people(EVERYBODY)))
        for kind, rows in found.items():
            _record(None, kind, len(rows), now)
        return {kind: write_file(kind, found[kind]) for kind in ORGANISATION_COLUMNS}

    return run_transaction(work)


def write_file(kind: str, rows: Rows) -> str:
    """A file with its header; nothing in it is taken for a formula."""
    _telling, (must, may) = ORGANISATION_COLUMNS[kind]
    return _write((*must, *may), rows)


def _write(columns: Sequence[str], rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([write_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _require_taker(actor: User) -> None:
    if not can_take_lists(actor):
        raise NotAllowed(
            code="permission.export",
            text=_("Only those who look after people or groups take lists out."),
            needs="user.view_personal",
        )


def _record(actor: User | None, kind: str, number: int, now: datetime) -> None:
    if kind == "people":
        whose, facts = actor or User(username="?"), {"people": number}
        record(action="people.exported", actor=actor, target=whose, now=now, facts=facts)
    else:
        what, counted = ResearchGroup(name=kind), {"name": kind, "rows": number}
        record(action="list.exported", actor=actor, target=what, now=now, facts=counted)
    record_security(
        kind="data.exported", actor=actor, facts={"what": kind, "rows": number}, now=now
    )
