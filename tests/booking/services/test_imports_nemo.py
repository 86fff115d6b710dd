"""Taking over a NEMO installation: mapping, idempotency, bad rows."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditLog
from booking.enums import ClaimKind, Limit, Status
from booking.models import (
    Booking,
    BookingPolicy,
    Closure,
    OutboxEvent,
    Resource,
    ResourceAccess,
    ResourceCalendar,
)
from booking.services.bookings import cancel_booking
from booking.services.imports import BadRow, Report, RowOutcome, import_nemo
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db

Row = dict[str, Any]
SOON = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def row(model: str, pk: int | None = None, **fields: Any) -> Row:
    found: Row = {"model": f"NEMO.{model}", "fields": fields}
    return found if pk is None else {**found, "pk": pk}


def user(username: str, **fields: Any) -> Row:
    return row("user", username=username, email=f"{username}@example.org", **fields)


def tool(name: str, **fields: Any) -> Row:
    known = {f"_{key}": value for key, value in fields.items()}
    return row("tool", name=name, visible=True, parent_tool=None, **known)


def reservation(pk: int, start: datetime = SOON, hours: float = 2, **fields: Any) -> Row:
    plain = {
        "user": ["ada"],
        "creator": ["ada"],
        "tool": ["Furnace"],
        "start": start.isoformat(),
        "end": (start + timedelta(hours=hours)).isoformat(),
        "cancelled": False,
        "missed": False,
    }
    return row("reservation", pk, **{**plain, **fields})


def run(rows: list[Row], now: datetime, **options: Any) -> Report:
    content = json.dumps(rows).encode()
    return import_nemo(content=content, source="lab.json", now=now, **options)


LAB: list[Row] = [
    row("usertype", name="Student"),
    user("ada", first_name="Ada", last_name="Student", type=["Student"], is_active=True),
    user("ben", type=["Faculty"]),
    user("chris", is_staff=True),
    user("dora", is_staff=True, is_superuser=True),
    user("eve", type=["Visitor"], is_active=False),
    row("project", name="Thin films"),
    tool(
        "Furnace",
        category="Furnaces",
        location="Bay 3",
        operational=True,
        description="Up to<br>1100 °C",
        primary_owner=["chris"],
        backup_owners=[["ben"]],
        reservation_horizon=14,
        minimum_usage_block_time=30,
        maximum_usage_block_time=240,
        maximum_reservations_per_day=2,
        minimum_time_between_reservations=60,
    ),
    tool("Etcher", category="Dry Etch", operational=False, location=None),
    row(
        "task",
        7,
        tool=["Etcher"],
        force_shutdown=True,
        resolved=False,
        problem_description="Pump leaks",
    ),
    row("qualification", 1, user=["ada"], tool=["Furnace"], qualified_on="2025-04-10"),
    row("closure", 1, name="Founders' day"),
    row(
        "closuretime",
        1,
        closure=1,
        start_time="2026-03-10T08:00:00Z",
        end_time="2026-03-10T18:00:00Z",
    ),
    row(
        "closuretime",
        2,
        closure=1,
        start_time="2025-03-10T08:00:00Z",
        end_time="2025-03-10T18:00:00Z",
    ),
    reservation(1, project=["Thin films"], title="Anneal", creator=["chris"]),
    reservation(2, datetime(2025, 3, 3, 9, 0, tzinfo=UTC)),
    reservation(3, datetime(2025, 4, 3, 9, 0, tzinfo=UTC), missed=True),
    reservation(4, SOON, cancelled=True, cancellation_time="2026-03-01T09:00:00Z"),
    row("toolcredentials", 1, tool=["Furnace"], username="x"),
]


def test_maps_people(now: datetime) -> None:
    run(LAB, now)
    roles = dict(User.objects.values_list("username", "role"))
    assert roles == {
        "ada": Role.STUDENT,
        "ben": Role.ACADEMIC,
        "chris": Role.LAB_MANAGER,
        "dora": Role.SYSADMIN,
        "eve": Role.RESEARCHER,
    }
    ada = User.objects.get(username="ada")
    assert (ada.full_name, ada.email, ada.is_active) == ("Ada Student", "ada@example.org", True)
    assert not ada.has_usable_password()
    assert ada.preferences.theme
    assert ada.profile.affiliation == ""
    assert not User.objects.get(username="eve").is_active
    assert not User.objects.filter(is_superuser=True).exists()


def test_maps_tools_with_limits_and_owners(now: datetime) -> None:
    run(LAB, now)
    furnace = Resource.objects.get(name="Furnace")
    assert (furnace.resource_type.name, furnace.location) == ("Furnaces", "Bay 3")
    assert furnace.description == "Up to\n1100 °C"
    assert furnace.is_active
    assert furnace.requires_access
    limits = dict(BookingPolicy.objects.filter(resource=furnace).values_list("limit", "value"))
    assert limits == {
        Limit.HORIZON: 14 * 1440,
        Limit.MIN_LENGTH: 30,
        Limit.MAX_LENGTH: 240,
        Limit.GAP: 60,
    }
    owners = {(each.user.username, each.kind) for each in furnace.responsible.all()}
    assert owners == {("chris", "primary"), ("ben", "secondary")}
    etcher = Resource.objects.get(name="Etcher")
    assert (etcher.is_active, etcher.closed_reason) == (False, "Pump leaks")
    assert not etcher.requires_access
    access = ResourceAccess.objects.get()
    assert (access.user.username, access.resource) == ("ada", furnace)
    assert access.granted_at.year == 2025


def test_maps_reservations_and_closures(now: datetime) -> None:
    report = run(LAB, now)
    assert report.is_written
    found = {each.request_key: each for each in Booking.objects.all()}
    assert {key: each.status for key, each in found.items()} == {
        "nemo:1": Status.CONFIRMED,
        "nemo:2": Status.COMPLETED,
        "nemo:3": Status.NO_SHOW,
        "nemo:4": Status.CANCELLED,
    }
    first = found["nemo:1"]
    assert first.purpose == "Anneal (Thin films)"
    assert (first.user.username, first.created_by.username) == ("ada", "chris")
    # Only what can still clash holds time.
    claims = ResourceCalendar.objects.filter(kind=ClaimKind.BOOKING)
    assert [claim.booking for claim in claims] == [first]
    assert [step.to_status for step in found["nemo:4"].steps.all()] == ["confirmed", "cancelled"]
    closure = Closure.objects.get()
    assert closure.reason == "Founders' day"
    assert closure.claims.count() == 2
    assert any("1 toolcredentials" in note for note in report.notes)
    assert any("maximum_reservations_per_day of 1 tools" in note for note in report.notes)
    # Nobody gets mail about what happened elsewhere.
    assert not OutboxEvent.objects.exists()


def test_second_run_changes_nothing(now: datetime) -> None:
    run(LAB, now)
    before = AuditLog.objects.count()
    again = run(LAB, now + timedelta(days=2))
    outcomes = {line.outcome for line in again.lines if line.kind != "closure"}
    assert outcomes == {RowOutcome.UNCHANGED}
    # One record a run, and nothing else.
    assert AuditLog.objects.count() == before + 1
    assert AuditLog.objects.filter(action="import.file_imported").count() == 2


def test_dry_run_tells_and_changes_nothing(now: datetime) -> None:
    report = run(LAB, now, dry_run=True)
    assert not report.is_written
    assert report.counts()["resource"][RowOutcome.NEW] == 2
    for model in (User, Resource, Booking, AuditLog, Closure):
        assert not model._default_manager.exists()


def test_follows_what_the_source_changed(now: datetime) -> None:
    run(LAB, now)
    moved = [
        reservation(1, SOON + timedelta(days=1))
        if each.get("pk") == 1 and "user" in each["fields"] and each["model"] == "NEMO.reservation"
        else each
        for each in LAB
    ]
    moved[7] = tool("furnace", category="Ovens", operational=True, location="Bay 4")
    report = run(moved, now)
    changed = {line.name for line in report.lines if line.outcome is RowOutcome.CHANGED}
    assert "furnace" in changed
    booking = Booking.objects.get(request_key="nemo:1")
    assert booking.start_time == SOON + timedelta(days=1)
    claim = ResourceCalendar.objects.get(kind=ClaimKind.BOOKING)
    assert claim.during.lower == booking.start_time
    furnace = Resource.objects.get(name__iexact="furnace")
    assert (furnace.location, furnace.resource_type.name) == ("Bay 4", "Ovens")


def test_keeps_what_was_done_here(now: datetime) -> None:
    run(LAB, now)
    booking = Booking.objects.get(request_key="nemo:1")
    cancel_booking(actor=booking.user, booking_id=booking.public_id, now=now)
    assert not [line for line in run(LAB, now).lines if line.outcome is RowOutcome.CHANGED]
    changed = [*LAB[:-5], reservation(1, SOON, hours=3)]
    (line,) = [each for each in run(changed, now).lines if each.kind == "booking"]
    assert (line.outcome, line.detail) == (
        RowOutcome.SKIPPED,
        "It is Cancelled here and stays so.",
    )
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED


BAD: list[tuple[Row, str]] = [
    (user("", first_name="Nobody"), "username is missing"),
    (row("user", username="ada2", email="ada@example.org"), "belongs to ada"),
    (row("user", username="no-mail"), "email is missing"),
    (row("user", username="odd mail", email="odd"), "Enter a valid"),
    (user("ada"), "twice"),
    (tool("Furnace"), "twice"),
    (tool("x" * 200), "at most 120"),
    (tool("Saw", primary_owner=["nobody"]), "There is no user nobody"),
    (tool("Saw", maximum_usage_block_time="long"), "no whole number"),
    (tool("Saw", operational="perhaps"), "neither true nor false"),
    (row("qualification", 2, user=["zoe"], tool=["Furnace"]), "There is no user zoe"),
    (row("qualification", 2, user=["ada"], tool=["Lathe"]), "There is no resource Lathe"),
    (row("qualification", 2, user=99, tool=["Furnace"]), "There is no user 99 in the file"),
    (row("closuretime", 3, closure=1, start_time="soon", end_time=None), "is no time"),
    (reservation(9, SOON + HOUR), "overlaps the booking of Ada Student"),
    (reservation(9, datetime(2025, 3, 3, 10, tzinfo=UTC)), "overlaps the booking of Ada Student"),
    (reservation(9, datetime(2026, 3, 10, 10, tzinfo=UTC)), "closure, maintenance"),
    (reservation(9, SOON, hours=-1), "ends before it starts"),
    (reservation(9, SOON, hours=24 * 400), "longer than 366 days"),
    (reservation(9, SOON, end=None), "end is missing"),
    (reservation(9, datetime(1850, 1, 1, tzinfo=UTC)), "1990"),
    (reservation(9, SOON, tool=["Lathe"]), "There is no resource Lathe"),
    ({"model": "NEMO.reservation", "pk": 9, "fields": {"tool": ["Furnace"]}}, "is missing"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=[reason for _row, reason in BAD])
def test_a_bad_row_is_named_and_refuses_the_file(now: datetime, bad: Row, reason: str) -> None:
    report = run([*LAB, bad], now)
    assert not report.is_written
    (line,) = report.bad
    assert reason in line.detail
    assert not Resource.objects.exists()
    assert not AuditLog.objects.exists()


def test_bad_rows_can_be_left_out(now: datetime) -> None:
    report = run([*LAB, reservation(9, SOON + HOUR), tool("x" * 200)], now, skip_bad=True)
    assert report.is_written
    assert len(report.bad) == 2
    assert Booking.objects.count() == 4
    assert Resource.objects.count() == 2


def test_leaves_areas_and_other_names_out(now: datetime) -> None:
    other = tool("Old furnace")
    other["fields"]["parent_tool"] = ["Furnace"]
    report = run([*LAB, other, reservation(9, tool=None, area=["Clean room"])], now)
    skipped = {line.detail for line in report.lines if line.outcome is RowOutcome.SKIPPED}
    assert skipped == {
        "It is over.",
        "Another name of Furnace.",
        "It reserves an area, not a tool.",
    }


def test_primary_keys_instead_of_names(now: datetime) -> None:
    people = [row("user", 5, username="ada", email="ada@example.org", type=3)]
    rows = [
        row("usertype", 3, name="Student"),
        *people,
        row("tool", 8, name="Furnace", category="Furnaces", primary_owner=5),
        reservation(1, user=5, creator=5, tool=8),
    ]
    assert run(rows, now).is_written
    booking = Booking.objects.get()
    assert (booking.user.username, booking.resource.name) == ("ada", "Furnace")
    assert booking.user.role == Role.STUDENT


def test_hidden_tool_is_closed(now: datetime) -> None:
    hidden = row("tool", name="Old oven", visible=False, _category=None)
    run([hidden], now)
    oven = Resource.objects.get()
    assert (oven.is_active, oven.closed_reason) == (False, "Not in use any more.")
    assert oven.resource_type.name == "Other"


def test_sysadmins_here_stay_sysadmins(now: datetime) -> None:
    make_user("ada", role=Role.SYSADMIN, is_superuser=True)
    run(LAB, now)
    assert User.objects.get(username="ada").role == Role.SYSADMIN


def test_meets_the_bookings_that_are_here(now: datetime) -> None:
    furnace, ben = make_resource("Furnace"), make_user("ben")
    make_booking(ben, furnace, SOON + HOUR)
    (line,) = run(LAB, now).bad
    assert "overlaps the booking of Ben" in line.detail


def test_the_same_booking_from_elsewhere_is_not_made_twice(now: datetime) -> None:
    make_booking(make_user("ada"), make_resource("Furnace"), SOON, timedelta(hours=2))
    report = run(LAB, now)
    assert report.is_written
    assert Booking.objects.filter(start_time=SOON, status=Status.CONFIRMED).count() == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not json", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b'{"model": 1}', "no Django fixture"),
        (b"[1, 2]", "no Django fixture"),
        (b"[]", "nothing of NEMO"),
        (b'[{"model": "auth.user", "fields": {}}]', "nothing of NEMO"),
    ],
)
def test_refuses_what_is_no_fixture(content: bytes, reason: str, now: datetime) -> None:
    with pytest.raises(BadRow, match=reason):
        import_nemo(content=content, source="x", now=now)
