"""Taking over CSV files of resources, users and bookings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditLog
from booking.enums import ClaimKind, Status
from booking.models import Booking, Closure, Resource, ResourceCalendar, ResourceLink
from booking.services.imports import CSV_COLUMNS, BadRow, Report, RowOutcome, import_csv
from booking.services.imports.csv_files import LARGEST
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db

RECIPE = Path(__file__).resolve().parents[3] / "docs" / "recipes" / "import-your-lab.md"
RESOURCES = """\ufeffname,type,location,capacity,restricted,approval,open,closed_reason,responsible
Confocal 1,Confocal microscope,Room 1.04,1,yes,no,yes,,chris
Wet bench,Clean room tool,Bay 3,3,no,no,yes,,chris; ben
Old SEM,Electron microscope,,,,,no,"Sold, not replaced",
"""
USERS = """username,email,first_name,last_name,role,affiliation,active
student01,student01@example.org,Student,01,student,Optics,yes
manager01,manager01@example.org,Manager,01,Lab manager,,yes
former01,former01@example.org,Former,01,,,no
"""
BOOKINGS = """id,resource,user,start_time,end_time,status,purpose,seats
A1,Confocal 1,ada,2026-03-03T09:00,2026-03-03T11:00,,Live cells,
A2,Confocal 1,ben,2026-03-03T10:00Z,2026-03-03T11:00Z,,,
A3,Confocal 1,ben,2026-02-03T09:00,2026-02-03T11:00,no_show,,
A4,Confocal 1,ada,2026-03-04 09:00,2026-03-04 11:00,cancelled,,
"""


def run(kind: str, text: str, now: datetime, *, dry_run: bool = False) -> Report:
    return import_csv(
        kind=kind, content=text.encode(), source=f"{kind}.csv", now=now, dry_run=dry_run
    )


def test_resources(cast: dict[str, User], now: datetime) -> None:
    report = run("resources", RESOURCES, now)
    assert report.is_written, report.bad
    bench = Resource.objects.get(name="Wet bench")
    assert (bench.capacity, bench.location, bench.requires_access) == (3, "Bay 3", False)
    assert {each.user for each in bench.responsible.all()} == {cast["chris"], cast["ben"]}
    assert Resource.objects.get(name="Confocal 1").requires_access
    old = Resource.objects.get(name="Old SEM")
    assert (old.is_active, old.closed_reason) == (False, "Sold, not replaced")


def test_users(db: None, now: datetime) -> None:
    assert run("users", USERS, now).is_written
    student = User.objects.get(username="student01")
    assert (student.role, student.profile.affiliation) == (Role.STUDENT, "Optics")
    assert not student.has_usable_password()
    assert User.objects.get(username="manager01").role == Role.LAB_MANAGER
    assert not User.objects.get(username="former01").is_active


def test_bookings(ada: User, ben: User, microscope: Resource, now: datetime) -> None:
    report = run("bookings", BOOKINGS, now)
    assert report.is_written, report.bad
    found = {each.request_key: each for each in Booking.objects.all()}
    assert {key: each.status for key, each in found.items()} == {
        "csv:A1": Status.CONFIRMED,
        "csv:A2": Status.CONFIRMED,
        "csv:A3": Status.NO_SHOW,
        "csv:A4": Status.CANCELLED,
    }
    # Without an offset it is lab time: 09:00 in Berlin.
    first = found["csv:A1"]
    assert first.start_time == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
    assert first.purpose == "Live cells"
    assert ResourceCalendar.objects.filter(kind=ClaimKind.BOOKING).count() == 2


def test_second_run_changes_nothing(cast: dict[str, User], now: datetime) -> None:
    files = (("users", USERS), ("resources", RESOURCES), ("bookings", BOOKINGS))
    for kind, text in files:
        assert run(kind, text, now).is_written
    audited = AuditLog.objects.count()
    for kind, text in files:
        again = run(kind, text, now + timedelta(hours=1))
        assert {line.outcome for line in again.lines} == {RowOutcome.UNCHANGED}
    assert AuditLog.objects.count() == audited + len(files)


def test_dry_run_changes_nothing(cast: dict[str, User], now: datetime) -> None:
    report = run("resources", RESOURCES, now, dry_run=True)
    assert not report.is_written
    assert report.counts()["resource"][RowOutcome.NEW] == 3
    assert not Resource.objects.exists()
    assert not AuditLog.objects.exists()


def test_missing_columns_leave_things_alone(cast: dict[str, User], now: datetime) -> None:
    run("resources", RESOURCES, now)
    report = run("resources", "type,name\nBench,wet bench\n", now)
    (line,) = report.lines
    assert line.outcome is RowOutcome.CHANGED
    assert line.detail == "resource_type: Clean room tool → Bench"
    bench = Resource.objects.get(name="Wet bench")
    assert (bench.location, bench.capacity) == ("Bay 3", 3)


def test_users_change(db: None, now: datetime) -> None:
    run("users", USERS, now)
    text = "username,email,role,affiliation\nStudent01,new@example.org,researcher,NMR\n"
    (line,) = run("users", text, now).lines
    assert line.outcome is RowOutcome.CHANGED
    student = User.objects.get(username="student01")
    assert (student.email, student.role, student.first_name) == (
        "new@example.org",
        Role.RESEARCHER,
        "Student",
    )
    assert student.profile.affiliation == "NMR"
    log = AuditLog.objects.get(action="user.changed")
    assert log.changes["role"] == ["student", "researcher"]


def test_new_resource_is_closed_with_the_lab(cast: dict[str, User], now: datetime) -> None:
    Closure.objects.create(
        start_time=now + timedelta(days=1), end_time=now + timedelta(days=2), reason="Inventory"
    )
    run("resources", RESOURCES, now)
    assert ResourceCalendar.objects.filter(kind=ClaimKind.CLOSURE).count() == 3
    text = "resource,user,start_time,end_time\nWet bench,ada,2026-03-03T12:00,2026-03-03T13:00\n"
    (line,) = run("bookings", text, now).bad
    assert "closure, maintenance" in line.detail


def test_seats_and_linked_resources(ada: User, ben: User, now: datetime) -> None:
    bench, laser = make_resource("Bench", capacity=2), make_resource("Laser")
    ResourceLink.objects.create(resource=bench, linked=laser)
    hour = Period(now + timedelta(hours=3), now + timedelta(hours=4))
    text = (
        "resource,user,start_time,end_time,seats\n"
        f"Bench,ada,{hour.start.isoformat()},{hour.end.isoformat()},1\n"
        f"Bench,ben,{hour.start.isoformat()},{hour.end.isoformat()},1\n"
    )
    (line,) = run("bookings", text, now).bad
    # The second seat is free, but its laser is not.
    assert line.name.startswith("line 3")
    ResourceLink.objects.all().delete()
    assert run("bookings", text, now).is_written
    units = [claim.units.lower for claim in ResourceCalendar.objects.order_by("units")]
    assert units == [0, 1]


def test_seats_of_long_ago(ada: User, ben: User, now: datetime) -> None:
    bench = make_resource("Bench", capacity=2)
    day = datetime(2025, 5, 5, tzinfo=UTC)
    for hour in (8, 9):
        start = day + timedelta(hours=hour)
        make_booking(ada, bench, start, status=Status.COMPLETED)
    text = "resource,user,start_time,end_time,seats\nBench,ben,{},{},{}\n"
    span = ("2025-05-05T08:00Z", "2025-05-05T10:00Z")
    (line,) = run("bookings", text.format(*span, 2), now).bad
    assert "overlaps the booking of Ada" in line.detail
    # One after the other they take one seat only.
    assert run("bookings", text.format(*span, 1), now).is_written


BAD = [
    ("resources", "name,type\n,Bench\n", "line 2", "name is missing"),
    ("resources", "name,type\nBench,\n", "line 2", "type is missing"),
    ("resources", "name,type,capacity\nBench,B,many\n", "line 2", "whole number"),
    ("resources", "name,type,capacity\nBench,B,201\n", "line 2", "less than or equal to 200"),
    ("resources", "name,type,slot_minutes\nBench,B,7\n", "line 2", "not a valid choice"),
    ("resources", "name,type,open\nBench,B,maybe\n", "line 2", "yes or no"),
    ("resources", "name,type,open\nBench,B,no\n", "line 2", "needs a closed_reason"),
    ("resources", "name,type,time_zone\nBench,B,Mars\n", "line 2", "not a time zone"),
    ("resources", "name,type\nBench,B\n\nbench,B\n", "line 4", "same as line 2"),
    ("resources", "name,type\nBench,B,C\n", "line 2", "more cells than the header"),
    ("resources", "name,type,responsible\nBench,B,zoe\n", "line 2", "no user zoe"),
    ("users", "username,email\nzoe,nothing\n", "line 2", "valid email"),
    ("users", "username,email\nzoe@x,zoe@example.org\n", "line 2", "cannot contain @"),
    ("users", "username,email\nzoe,ADA@example.org\n", "line 2", "belongs to ada"),
    ("users", "username,email\nben,ada@example.org\n", "line 2", "belongs to ada"),
    ("users", "username,email,role\nzoe,z@example.org,king\n", "line 2", "role must be one of"),
]
_BOOKING = "resource,user,start_time,end_time,status\nConfocal 1,ada,{},{},{}\n"
BAD += [
    ("bookings", _BOOKING.format(start, end, status), "line 2", reason)
    for start, end, status, reason in (
        ("tomorrow", "2026-03-03T11:00", "", "start_time is no time"),
        ("2026-03-03T11:00", "2026-03-03T11:00", "", "ends before it starts"),
        ("2026-03-29T02:30", "2026-03-29T04:30", "", "does not exist"),
        ("2026-10-25T02:30", "2026-10-25T04:30", "", "happens twice"),
        ("2026-03-03T11:00", "2026-03-03T12:00", "lost", "status must be one of"),
        ("2026-03-03T11:00", "2026-03-03T12:00", "completed", "has not begun"),
        ("2026-03-03T11:00", "2028-03-03T12:00", "", "longer than 366 days"),
    )
]


@pytest.mark.parametrize(("kind", "text", "where", "reason"), BAD)
def test_bad_row_is_named_by_its_line(
    cast: dict[str, User],
    microscope: Resource,
    now: datetime,
    kind: str,
    text: str,
    where: str,
    reason: str,
) -> None:
    report = run(kind, text, now)
    (line,) = report.bad
    assert not report.is_written
    assert where in line.name
    assert reason in line.detail
    assert not AuditLog.objects.exists()


def test_a_bad_row_does_not_leak_into_the_next(
    ada: User, microscope: Resource, now: datetime
) -> None:
    text = "name,type,capacity\nConfocal 1,Confocal microscope,201\nBench,Bench,1\n"
    report = import_csv(kind="resources", content=text.encode(), source="x", now=now, skip_bad=True)
    assert report.is_written
    assert len(report.bad) == 1
    microscope.refresh_from_db()
    assert microscope.capacity == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "header lacks: name, type"),
        (b"name,type,colour\n", "unknown or double columns: colour"),
        (b"name,type,name\n", "unknown or double columns"),
        (b"name,type\n\xff\xfe,B\n", "not UTF-8"),
        (b'name,type\n"open,B\n', "is no CSV"),
        (b"x" * (LARGEST + 1), "larger than 10 MB"),
    ],
)
def test_refuses_files_as_a_whole(content: bytes, reason: str, now: datetime) -> None:
    with pytest.raises(BadRow, match=reason):
        import_csv(kind="resources", content=content, source="x", now=now)


def test_semicolons_of_spreadsheets(now: datetime) -> None:
    assert run("resources", "name;type\r\nBench;Benches\r\n", now).is_written
    assert Resource.objects.get().resource_type.name == "Benches"


def test_every_column_stands_in_the_recipe() -> None:
    recipe = RECIPE.read_text(encoding="utf-8")
    for must, may in CSV_COLUMNS.values():
        for column in (*must, *may):
            assert f"`{column}`" in recipe
