"""Calendars and free time by the programming interface."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.models import DemandEntry, Resource, ResourcePool
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)
WEEK = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-09T00:00:00Z"}


@pytest.mark.parametrize("number", [1, 3])
def test_a_calendar_takes_three_queries(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime, number: int
) -> None:
    for n in range(number):
        make_booking(ada, microscope, now + n * HOUR)
    program = as_program(ada)
    with count_queries(3):
        answer = program.get("/calendar", WEEK)
    assert len(answer.json()["data"]) == number


def test_an_entry_tells_what_the_reader_may_know(
    as_program: AsProgram, ada: User, eve: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + HOUR, purpose="Secret cells")
    mine = as_program(ada).get("/calendar", WEEK).json()["data"][0]
    other = as_program(eve).get("/calendar", WEEK).json()["data"][0]
    assert (mine["is_mine"], "Secret" in mine["title"]) == (True, True)
    assert (other["is_mine"], other["title"]) == (False, "Ada")
    ada.preferences.show_name = False
    ada.preferences.save()
    assert as_program(eve).get("/calendar", WEEK).json()["data"][0]["title"] == "Booked"


def test_an_unchanged_calendar_is_304(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + HOUR)
    program = as_program(ada)
    first = program.get("/calendar", WEEK)
    same = program.client.get(
        "/api/v1/calendar", WEEK, headers={**program.headers, "If-None-Match": first["ETag"]}
    )
    assert (same.status_code, same.content) == (304, b"")
    make_booking(ada, microscope, now + 3 * HOUR)
    changed = program.client.get(
        "/api/v1/calendar", WEEK, headers={**program.headers, "If-None-Match": first["ETag"]}
    )
    assert changed.status_code == 200
    assert "private" in first["Cache-Control"]
    assert "Authorization" in first["Vary"]


def test_a_calendar_is_narrowed(
    as_program: AsProgram,
    ada: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    for resource in (microscope, second_microscope):
        make_booking(ada, resource, now + HOUR)
    pool = ResourcePool.objects.create(name="One")
    pool.resources.set([microscope])
    program = as_program(ada)
    one = {"resource": str(microscope.public_id)}
    both = {"resource": [str(microscope.public_id), str(second_microscope.public_id)]}
    kind = {"type": str(microscope.resource_type.public_id)}
    queries: list[tuple[dict[str, Any], int]] = [
        (one, 1),
        (both, 2),
        (kind, 2),
        ({"pool": str(pool.public_id)}, 1),
        ({}, 2),
    ]
    for query, expected in queries:
        assert len(program.get("/calendar", {**WEEK, **query}).json()["data"]) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-03-02"}, "from"),
        ({"from": "2026-03-02T00:00:00"}, "from"),
        ({"to": "2020-03-02T00:00:00Z"}, "to"),
        ({"from": "2026-03-02T00:00:00Z", "to": "2027-03-02T00:00:00Z"}, "to"),
        ({"resource": "x"}, "resource"),
        ({"zoom": "1"}, "zoom"),
    ],
)
def test_bad_windows_are_named(
    as_program: AsProgram, ada: User, query: dict[str, str], field: str
) -> None:
    answer = as_program(ada).get("/calendar", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith(field)


def test_free_slots_lie_between_bookings(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    query = {
        "resource": str(microscope.public_id),
        "minimum": "PT2H",
        "from": now.isoformat(),
        "until": (now + 6 * HOUR).isoformat(),
    }
    program = as_program(ada)
    with count_queries(2):
        slots = program.get("/free-slots", query).json()["data"]
    assert [(slot["start_time"], slot["end_time"]) for slot in slots] == [
        ("2026-03-02T07:00:00Z", "2026-03-02T09:00:00Z"),
        ("2026-03-02T10:00:00Z", "2026-03-02T13:00:00Z"),
    ]
    assert slots[0]["resource_code"] == microscope.code
    body = {
        "resource": slots[0]["resource"],
        "start_time": slots[0]["start_time"],
        "end_time": slots[0]["end_time"],
    }
    assert program.post("/bookings", body).status_code == 201


def test_a_fruitless_search_is_demand(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now, length=8 * HOUR)
    query = {"until": (now + 4 * HOUR).isoformat(), "type": str(microscope.resource_type.public_id)}
    assert as_program(ada).get("/free-slots", query).json()["data"] == []
    entry = DemandEntry.objects.get()
    assert (entry.source, entry.role, entry.minutes) == ("search", "student", 60)


@pytest.mark.parametrize("name", ["resource", "type", "pool"])
def test_a_search_for_what_does_not_exist_is_no_demand(
    as_program: AsProgram, ada: User, microscope: Resource, name: str
) -> None:
    assert as_program(ada).get("/free-slots", {name: str(uuid4())}).status_code == 404
    over = {"from": "2026-02-01T10:00:00Z", "until": "2026-02-02T10:00:00Z"}
    assert as_program(ada).get("/free-slots", over).json()["data"] == []
    assert not DemandEntry.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        {"minimum": "1 hour"},
        {"minimum": "PT0M"},
        {"minimum": "-PT1H"},
        {"minimum": "P400D"},
        {"minimum": "PT30S"},
        {"minimum": "P99999999999999999D"},
        {"limit": "0"},
        {"until": "never"},
        {"type": "confocal"},
    ],
)
def test_bad_searches_are_named(as_program: AsProgram, ada: User, query: dict[str, str]) -> None:
    answer = as_program(ada).get("/free-slots", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == next(iter(query))
    assert not DemandEntry.objects.exists()


def test_resources_are_listed_and_read(
    as_program: AsProgram, ada: User, microscope: Resource, second_microscope: Resource
) -> None:
    program = as_program(ada)
    with count_queries(2):
        listed = program.get("/resources").json()["data"]
    assert [each["name"] for each in listed] == ["Confocal 1", "Confocal 2"]
    assert [each["name"] for each in program.get("/resources", {"q": "2"}).json()["data"]] == [
        "Confocal 2"
    ]
    one = program.get(f"/resources/{microscope.public_id}").json()["data"]
    assert (one["code"], one["type"]["name"]) == (microscope.code, "Confocal microscope")
    assert program.get("/resources", {"code": microscope.code}).json()["data"][0] == one


@pytest.mark.usefixtures("weekday_hours")
def test_availability_tells_open_busy_and_free(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ben, microscope, now + 2 * HOUR)
    day = {"from": "2026-03-02T00:00:00+01:00", "to": "2026-03-03T00:00:00+01:00"}
    program = as_program(ada)
    with count_queries(6):
        answer = program.get(f"/resources/{microscope.public_id}/availability", day)
    found = answer.json()["data"]
    assert found["open"] == [
        {"start_time": "2026-03-02T07:00:00Z", "end_time": "2026-03-02T19:00:00Z"}
    ]
    assert found["busy"] == [
        {
            "kind": "booking",
            "start_time": booking.start_time.isoformat().replace("+00:00", "Z"),
            "end_time": booking.end_time.isoformat().replace("+00:00", "Z"),
        }
    ]
    assert found["free"][0]["end_time"] == "2026-03-02T09:00:00Z"
    unknown = "00000000-0000-0000-0000-000000000000"
    assert program.get(f"/resources/{unknown}/availability").status_code == 404
