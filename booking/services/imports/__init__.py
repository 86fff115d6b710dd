"""Taking over what a lab has elsewhere: NEMO fixtures, CSV files, calendars.

Both become a plan of what is wanted; writing the plan is the same for all. One transaction: all
of a file or nothing of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from accounts.permissions.people import can_take_in_lists
from audit.services import record
from booking.errors import NotAllowed
from booking.models import Resource
from booking.permissions import can_override_rules, where_of
from booking.services.imports.bookings import BookingWriter
from booking.services.imports.calendar_files import MOST_ENTRIES, read_calendar
from booking.services.imports.calendars import CalendarWish, write_entries
from booking.services.imports.csv_files import CSV_COLUMNS, read_csv
from booking.services.imports.nemo import read_nemo
from booking.services.imports.organisation import write_organisation
from booking.services.imports.organisation_files import read_organisation
from booking.services.imports.people import write_access, write_user
from booking.services.imports.plan import BadRow, Line, Plan, Report, RowOutcome
from booking.services.imports.resources import write_closure, write_resource
from booking.services.imports.training import write_training
from booking.services.imports.writing import load_lab, write_rows
from labitory.lib.db import run_transaction

__all__ = [
    "CSV_COLUMNS",
    "MOST_ENTRIES",
    "BadRow",
    "Line",
    "Report",
    "RowOutcome",
    "import_calendar",
    "import_csv",
    "import_nemo",
    "import_people",
    "import_training",
]


class _Undone(Exception):
    """Ends the transaction of a dry run, or of a file with bad rows."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def import_nemo(
    *, content: bytes, source: str, now: datetime, dry_run: bool = False, skip_bad: bool = False
) -> Report:
    """Take over tools, people, qualifications, closures and reservations of a NEMO fixture.

    A second run changes nothing. A bad row refuses the whole file unless `skip_bad`; raises
    `BadRow` for a file that is no fixture at all.
    """
    plan = read_nemo(content=content, source=source, now=now)
    return _import(plan, now=now, dry_run=dry_run, skip_bad=skip_bad)


def import_csv(
    *,
    kind: str,
    content: bytes,
    source: str,
    now: datetime,
    dry_run: bool = False,
    skip_bad: bool = False,
) -> Report:
    """Take over resources, users or bookings from a CSV file with a header row.

    A second run changes nothing. A bad row refuses the whole file unless `skip_bad`; raises
    `BadRow` for a file that cannot be read at all.
    """
    plan = read_csv(kind=kind, content=content, source=source, now=now)
    return _import(plan, now=now, dry_run=dry_run, skip_bad=skip_bad)


def import_people(
    *,
    files: Sequence[tuple[str, bytes]],
    now: datetime,
    dry_run: bool = False,
    actor: User | None = None,
    expected: str = "",
) -> Report:
    """Take over units, people, groups and projects from CSV files, told apart by their headers.

    All files in one step, in the order in which they name one another; a bad row refuses all of
    them. A second run changes nothing. For an `actor` a row does what they may do by hand; nobody
    (a command) may all. `expected` is the digest of the report that was confirmed: nothing is
    written where the lab has changed since. Raises `BadRow` for a file that cannot be read at all.
    """
    if actor is not None and not can_take_in_lists(actor):
        raise NotAllowed(
            code="permission.import",
            text=_("Only those who look after people and groups take files in."),
            needs="user.create",
        )
    plan = read_organisation(files)
    return _carry_out(
        plan.source,
        (),
        lambda: write_organisation(plan, now, actor),
        now,
        dry_run=dry_run,
        actor=actor,
        expected=expected,
    )


def import_training(
    *, content: bytes, source: str, now: datetime, dry_run: bool = False, skip_bad: bool = False
) -> Report:
    """Take over passed courses from a CSV file with a header row, each with a certificate.

    Nobody is told: it is past. A second run changes nothing. A bad row refuses the whole file
    unless `skip_bad`; raises `BadRow` for a file that cannot be read at all.
    """
    return _carry_out(
        source, (), lambda: write_training(content, now), now, dry_run=dry_run, skip_bad=skip_bad
    )


def import_calendar(
    *,
    actor: User,
    resource_id: UUID,
    user: User | None,
    content: bytes,
    source: str,
    now: datetime,
    override: str = "",
    takes_part: bool = False,
    after: str = "",
    size: int = MOST_ENTRIES,
    dry_run: bool = False,
    expected: str = "",
) -> Report:
    """Take the entries of a calendar file over as bookings of a person, or as closures.

    By the same rules as any booking; `override` lifts what may be lifted. One that is refused
    refuses the whole file, unless it `takes_part`. The same file again makes nothing new; what it
    changed since is followed. `expected` is the digest of the report that was confirmed. Of a long
    file `size` entries are a portion: the next one is asked for with `after`, the place that the
    report says was reached. Raises `Resource.DoesNotExist`, `NotAllowed`, and `BadRow` for a file
    that is not worked out at all.
    """
    resource = Resource.objects.select_related("resource_type").get(public_id=resource_id)
    _require_calendar(actor, resource, user, override)
    whole = read_calendar(content, zone=resource.zone, now=now, whole_days=user is None)
    file = whole.portion(after=after, size=size)
    wish = CalendarWish(
        actor=actor, resource=resource, user=user, override=override.strip(), takes_part=takes_part
    )
    report = _carry_out(
        source,
        (),
        lambda: write_entries(file, wish, now),
        now,
        dry_run=dry_run,
        skip_bad=takes_part,
        actor=actor,
        expected=expected,
    )
    reached = file.entries[-1].place if file.entries else after
    return replace(report, rest=file.rest, reached=reached)


def _require_calendar(actor: User, resource: Resource, user: User | None, override: str) -> None:
    """Bookings for others, and closures, are for who may make them there by hand."""
    needed = "calendar.manage" if user is None else "booking.book_for_others"
    missing = None if may(actor, needed, where_of(resource)) else needed
    if missing is None and override.strip() and not can_override_rules(actor, resource):
        missing = "booking.override"
    if missing is not None:
        raise NotAllowed(
            code="permission.import_calendar",
            text=_("You may not take calendar files over on %(name)s.") % {"name": resource.name},
            needs=missing,
            where=where_of(resource),
        )


def _import(plan: Plan, *, now: datetime, dry_run: bool, skip_bad: bool) -> Report:
    return _carry_out(
        plan.source,
        plan.notes,
        lambda: _write(plan, now),
        now,
        dry_run=dry_run,
        skip_bad=skip_bad,
    )


def _carry_out(
    source: str,
    notes: Sequence[str],
    write: Callable[[], list[Line]],
    now: datetime,
    *,
    dry_run: bool,
    skip_bad: bool = False,
    actor: User | None = None,
    expected: str = "",
) -> Report:
    def work() -> Report:
        report = Report(source=source, lines=tuple(write()), notes=tuple(notes), is_written=True)
        is_other = bool(expected) and report.digest != expected
        if dry_run or is_other or (report.bad and not skip_bad):
            raise _Undone(replace(report, is_written=False))
        _record(report, now, actor)
        return report

    try:
        return run_transaction(work)
    except _Undone as undone:
        return undone.report


def _write(plan: Plan, now: datetime) -> list[Line]:
    """Everything in the order in which rows name one another."""
    lab = load_lab(now)
    write_rows(lab, "user", plan.users, write_user)
    write_rows(lab, "resource", plan.resources, write_resource)
    write_rows(lab, "access", plan.accesses, write_access)
    write_rows(lab, "closure", plan.closures, write_closure)
    write_rows(lab, "booking", plan.bookings, BookingWriter(plan.bookings).write)
    return [*plan.lines, *lab.lines]


def _record(report: Report, now: datetime, actor: User | None) -> None:
    counts: dict[str, int] = {}
    for line in report.lines:
        name = f"{line.kind}_{line.outcome}"
        counts[name] = counts.get(name, 0) + 1
    record(
        action="import.file_imported",
        actor=actor,
        target=Resource(name=report.source[:100]),
        now=now,
        facts=dict(counts),
    )
