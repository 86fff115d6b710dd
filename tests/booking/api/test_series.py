"""Series, for programs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.models import Booking, BookingSeries, OutboxEvent, Resource
from tests.booking.api.conftest import Program
from tests.booking.services.test_series import book
from tests.booking.services.test_series import wish as asked
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def wish(microscope: Resource, now: datetime) -> dict[str, Any]:
    """Tuesdays at nine, three of them."""
    return {
        "resource": str(microscope.public_id),
        "start_time": (now + DAY + HOUR).isoformat(),
        "end_time": (now + DAY + 2 * HOUR).isoformat(),
        "rule": "FREQ=WEEKLY;COUNT=3",
    }


def chosen(start: str, end: str) -> dict[str, str]:
    """Another time for the first one."""
    return {"occurs_at": "2026-03-03T08:00:00Z", "start_time": start, "end_time": end}


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


def test_a_series_is_tried_made_read_changed_and_cancelled(
    as_program: AsProgram, ada: User, wish: dict[str, Any]
) -> None:
    program = as_program(ada)
    preview = program.post("/series/preview", wish).json()["data"]
    assert (preview["allowed"], preview["refused"], preview["most"]) == (3, 0, 100)
    assert not Booking.objects.exists()
    answer = program.post("/series", wish)
    assert answer.status_code == 201
    made = answer.json()["data"]
    assert answer["Location"] == f"/api/v1/series/{made['id']}"
    assert (len(made["bookings"]), made["rule_in_words"]) == (3, "weekly")
    assert program.get(f"/series/{made['id']}").json()["data"]["rule"] == wish["rule"]
    second = made["bookings"][1]["id"]
    change = {"scope": "this_and_following", "booking": second, "minutes": 30, "starts": "10:00"}
    changed = program.patch(f"/series/{made['id']}", change).json()["data"]
    assert (changed["split_from"], len(changed["bookings"])) == (made["id"], 2)
    ended = program.post(f"/series/{changed['id']}/cancel", {"scope": "all"}).json()["data"]
    assert {each["status"] for each in ended["bookings"]} == {"cancelled"}
    assert [each["id"] for each in program.get("/series").json()["data"]] == [
        changed["id"],
        made["id"],
    ]


def test_refused_ones_come_with_a_repair_and_choices_take_it(
    as_program: AsProgram,
    ada: User,
    ben: User,
    microscope: Resource,
    wish: dict[str, Any],
    now: datetime,
) -> None:
    make_booking(ben, microscope, now + DAY + HOUR + WEEK)
    program = as_program(ada)
    answer = program.post("/series", wish)
    assert (answer.status_code, codes(answer)) == (409, ["conflict.taken"])
    assert not BookingSeries.objects.exists()
    assert not OutboxEvent.objects.exists()
    [_one, two, three] = program.post("/series/preview", wish).json()["data"]["occurrences"]
    choices = [
        {
            "occurs_at": two["occurs_at"],
            "start_time": two["repair_start_time"],
            "end_time": two["repair_end_time"],
        },
        {"occurs_at": three["occurs_at"], "leave_out": True},
    ]
    made = program.post("/series", {**wish, "choices": choices}).json()["data"]
    assert [each["start_time"] for each in made["bookings"]][1] == two["repair_start_time"]
    assert made["excluded"] == [three["occurs_at"]]


def test_all_that_can_be(
    as_program: AsProgram,
    ada: User,
    ben: User,
    microscope: Resource,
    wish: dict[str, Any],
    now: datetime,
) -> None:
    make_booking(ben, microscope, now + DAY + HOUR + WEEK)
    made = as_program(ada).post("/series", {**wish, "skip_refused": True}).json()["data"]
    assert (len(made["bookings"]), len(made["left_out"])) == (2, 1)
    assert made["left_out"][0]["refusals"][0]["code"] == "conflict.taken"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"rule": "FREQ=DAILY"}, 422, "series.rule"),
        ({"rule": "FREQ=SECONDLY;COUNT=5"}, 422, "series.rule"),
        ({"rule": "FREQ=DAILY;COUNT=200"}, 422, "series.too_many"),
        ({"rule": "x" * 201}, 400, "max_length"),
        ({"resource": str(uuid4())}, 422, "resource.unknown"),
        ({"end_time": "2026-03-03T07:00:00Z"}, 422, "period.too_long"),
        ({"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"}, 422, "series.empty"),
        ({"choices": [{"occurs_at": "2026-03-03T08:00:00Z"}]}, 400, "one_of"),
        (
            {"choices": [chosen("2099-12-31T22:00:00Z", "2099-12-31T23:00:00Z")]},
            422,
            "series.too_far",
        ),
        (
            {"choices": [chosen("2001-01-01T00:00:00Z", "2001-01-01T01:00:00Z")]},
            422,
            "series.too_far",
        ),
        (
            {"choices": [chosen("2026-03-03T10:00:00Z", "2026-03-03T09:00:00Z")]},
            422,
            "series.too_far",
        ),
        ({"nonsense": 1}, 400, "unknown"),
        ({"user": str(uuid4())}, 400, "unknown"),
    ],
)
def test_bad_input_is_refused_and_writes_nothing(
    as_program: AsProgram,
    ada: User,
    wish: dict[str, Any],
    changes: dict[str, Any],
    status: int,
    code: str,
) -> None:
    for path in ("/series", "/series/preview"):
        answer = as_program(ada).post(path, {**wish, **changes})
        assert answer.status_code == status
        assert any(code in found for found in codes(answer)), codes(answer)
    assert not Booking.objects.exists()


def test_scopes_name_what_they_need(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    made = book(asked(ada, microscope, now, "FREQ=DAILY;COUNT=2"))
    path = f"/series/{made.series.public_id}"
    for body in (
        {"scope": "this_and_following", "minutes": 30},
        {"scope": "all", "booking": str(uuid4()), "minutes": 30},
        {"scope": "all"},
        {"scope": "some", "minutes": 30},
    ):
        assert as_program(ada).patch(path, body).status_code == 400
    gone = {"scope": "this_and_following", "booking": str(uuid4())}
    assert as_program(ada).post(f"{path}/cancel", gone).status_code == 404


def test_the_whole_cast_and_nobody(
    as_program: AsProgram, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    made = book(asked(cast["ada"], microscope, now, "FREQ=DAILY;COUNT=2"))
    path = f"/series/{made.series.public_id}"
    expected = {"ada": 200, "ben": 404, "chris": 200, "dora": 200, "eve": 404}
    for name, status in expected.items():
        program = as_program(cast[name])
        assert program.get(path).status_code == status, name
        change = {"scope": "all", "purpose": name}
        assert program.patch(path, change).status_code == status, name
    visitor = as_program(None)
    for answer in (
        visitor.get(path),
        visitor.get("/series"),
        visitor.patch(path, {}),
        *(visitor.post(each, {}) for each in ("/series", "/series/preview", f"{path}/cancel")),
    ):
        assert answer.status_code == 401


def test_the_whole_cast_cancels_and_books_for_others(
    as_program: AsProgram, cast: dict[str, User], microscope: Resource, wish: dict[str, Any]
) -> None:
    theirs = {**wish, "user": str(cast["ada"].public_id)}
    for name, status in {"ben": 400, "eve": 400, "chris": 201, "dora": 201}.items():
        program = as_program(cast[name])
        answer = program.post("/series", theirs)
        assert answer.status_code == status, (name, answer.json())
        if status == 400:
            assert program.post("/series/preview", theirs).status_code == status, name
            assert not BookingSeries.objects.exists()
            continue
        path = f"/series/{answer.json()['data']['id']}/cancel"
        for other, expected in {"ben": 404, "eve": 404, name: 200}.items():
            told = as_program(cast[other]).post(path, {"scope": "all"})
            assert told.status_code == expected, (name, other)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_a_fixed_number_of_queries(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime, number: int
) -> None:
    for n in range(number):
        first = now + DAY + n * 3 * HOUR
        book(asked(ada, microscope, now, "FREQ=DAILY;COUNT=2", first=first))
    program = as_program(ada)
    program.get("/series")
    with count_queries(2):
        answer = program.get("/series")
    assert len(answer.json()["data"]) == number
