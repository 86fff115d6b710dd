"""Announcements for programs."""

from collections.abc import Callable
from datetime import datetime

import pytest

from accounts.models import User
from booking.models import Broadcast, Resource
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

AsProgram = Callable[[User | None], Program]

pytestmark = pytest.mark.usefixtures("frozen_clock")
BODY = {"title": "Gas", "text": "Leave."}


def test_who_may(as_program: AsProgram, cast: dict[str, User]) -> None:
    assert Program().get("/broadcasts").status_code == 401
    for name in ("ada", "ben", "eve"):
        program = as_program(cast[name])
        assert program.get("/broadcasts").status_code == 403
        assert program.post("/broadcasts", BODY).status_code == 403
        assert program.get("/announcements").json()["data"] == []
    assert not Broadcast.objects.exists()


def test_from_the_first_word_to_the_all_clear(
    as_program: AsProgram, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now)
    program, reader = as_program(chris), as_program(ada)
    body = {**BODY, "resource": str(microscope.public_id), "is_emergency": True}
    answer = program.post("/broadcasts", body)
    made = answer.json()["data"]
    assert answer.status_code == 201
    assert (made["people"], made["read"], made["must_acknowledge"]) == (1, 0, True)
    assert made["resource"]["name"] == "Confocal 1"
    [stands] = reader.get("/announcements").json()["data"]
    assert (stands["id"], stands["is_emergency"]) == (made["id"], True)
    one = f"/broadcasts/{made['id']}"
    assert program.post(f"{one}/remind").json()["data"]["reminded_at"]
    answer = program.post(f"{one}/remind")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "broadcast.reminded")
    for _time in range(2):
        assert reader.post(f"/announcements/{made['id']}/acknowledge").status_code == 204
    assert program.post(f"/announcements/{made['id']}/acknowledge").status_code == 404
    assert program.get(one).json()["data"]["read"] == 1
    assert reader.get("/announcements").json()["data"] == []
    assert program.post(f"{one}/end").json()["data"]["ended_at"]
    assert program.post(f"{one}/end").status_code == 409
    assert reader.get(one).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"resource": "00000000-0000-0000-0000-000000000001"}, 400, None),
        ({"unit": "none"}, 400, None),
        ({"unit": "none", "location": "here"}, 400, None),
        ({"location": "here"}, 403, "broadcast.forbidden"),
        ({"roles": ["researcher"]}, 422, "broadcast.nobody"),
        ({"shown_until": "2026-03-01T00:00:00Z"}, 422, "broadcast.past"),
        ({"volume": "loud"}, 400, None),
    ],
)
def test_each_no(
    as_program: AsProgram, chris: User, wrong: dict[str, object], status: int, code: str | None
) -> None:
    answer = as_program(chris).post("/broadcasts", {**BODY, **wrong})
    assert answer.status_code == status
    assert code is None or answer.json()["errors"][0]["code"] == code
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_program: AsProgram, ada: User, chris: User, number: int) -> None:
    program, reader = as_program(chris), as_program(ada)
    for _n in range(number):
        program.post("/broadcasts", BODY)
    with count_queries(2):
        program.get("/broadcasts")
    with count_queries(2):
        reader.get("/announcements")
