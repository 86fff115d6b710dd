"""The waiting list and offers, for programs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import WaitingState
from booking.models import Booking, Offer, Resource, WaitingEntry
from booking.services.freed_time import serve_waiting
from tests.booking.api.conftest import Program
from tests.factories.resources import make_resource
from tests.factories.waiting import hours, make_entry
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]


@pytest.fixture
def wish(microscope: Resource, now: datetime) -> dict[str, Any]:
    window = hours(now, 4, 8)
    return {
        "resource": str(microscope.public_id),
        "earliest": window.start.isoformat(),
        "latest": window.end.isoformat(),
        "minutes": 60,
        "weekdays": [0],
        "day_from": "09:00",
        "purpose": "cells",
    }


@pytest.fixture
def offer(ada: User, microscope: Resource, now: datetime) -> Offer:
    """An hour is held for Ada."""
    make_entry(ada, hours(now, 4, 5), at=now, resource=microscope)
    told = {
        "resource": str(microscope.public_id),
        "start_time": hours(now, 4, 5).start.isoformat(),
        "end_time": hours(now, 4, 5).end.isoformat(),
    }
    serve_waiting(kind="time.freed", payload={"freed": [told]}, now=now)
    return Offer.objects.get()


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


def test_a_place_is_taken_read_changed_and_left(
    as_program: AsProgram, ada: User, wish: dict[str, Any]
) -> None:
    program = as_program(ada)
    answer = program.post("/waiting-list", wish)
    assert answer.status_code == 201
    made = answer.json()["data"]
    assert (made["minutes"], made["day_from"], made["ahead"]) == (60, "09:00:00", 0)
    path = f"/waiting-list/{made['id']}"
    assert program.get(path).json()["data"] == made
    assert program.get("/waiting-list").json()["data"] == [made]
    answer = program._send("put", path, {**wish, "minutes": 30}, {})
    assert answer.json()["data"]["minutes"] == 30
    assert program.post(f"{path}/leave").json()["data"]["state"] == "withdrawn"
    assert codes(program.post(f"{path}/leave")) == ["waiting.over"]
    assert program.get("/waiting-list").json()["data"] == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"minutes": 300}, 422, "waiting.too_long"),
        ({"pool": str(uuid4())}, 422, "waiting.scope"),
        ({"resource": str(uuid4())}, 404, "request.not_found"),
        ({"project": str(uuid4())}, 422, "project.member"),
        ({"weekdays": [9]}, 400, "field.max_value"),
        ({"colour": "red"}, 400, "field.unknown"),
    ],
)
def test_bad_input_is_a_problem(
    as_program: AsProgram,
    ada: User,
    wish: dict[str, Any],
    change: dict[str, Any],
    status: int,
    code: str,
) -> None:
    answer = as_program(ada).post("/waiting-list", {**wish, **change})
    assert (answer.status_code, codes(answer)) == (status, [code])
    assert not WaitingEntry.objects.exists()


def test_what_may_not_be_booked_may_not_be_waited_for(
    as_program: AsProgram, eve: User, wish: dict[str, Any]
) -> None:
    locked = make_resource("Locked", requires_access=True)
    answer = as_program(eve).post("/waiting-list", {**wish, "resource": str(locked.public_id)})
    assert (answer.status_code, codes(answer)) == (422, ["access.missing"])


def test_an_offer_is_accepted_once(as_program: AsProgram, ada: User, offer: Offer) -> None:
    program, path = as_program(ada), f"/offers/{offer.public_id}"
    [listed] = program.get("/offers").json()["data"]
    assert program.get(path).json()["data"] == listed
    taken = program.post(f"{path}/accept").json()["data"]
    assert (taken["state"], taken["booking"]) == (
        "accepted",
        str(Booking.objects.get().public_id),
    )
    for verb in ("accept", "decline"):
        answer = program.post(f"{path}/{verb}")
        assert (answer.status_code, codes(answer)) == (409, ["offer.answered"])


def test_an_offer_is_declined_or_runs_out(
    as_program: AsProgram, ada: User, offer: Offer, now: datetime
) -> None:
    program, path = as_program(ada), f"/offers/{offer.public_id}"
    assert program.post(f"{path}/decline").json()["data"]["state"] == "declined"
    Offer.objects.update(state="open", expires_at=now)
    answer = program.post(f"{path}/accept")
    assert (answer.status_code, codes(answer)) == (409, ["offer.expired"])


@pytest.mark.parametrize("name", ["ben", "chris", "dora", "eve"])
def test_anothers_do_not_exist(
    as_program: AsProgram, cast: dict[str, User], offer: Offer, wish: dict[str, Any], name: str
) -> None:
    program = as_program(cast[name])
    entry = f"/waiting-list/{WaitingEntry.objects.get().public_id}"
    for path in (entry, f"/offers/{offer.public_id}"):
        assert program.get(path).status_code == 404
    for path in (f"{entry}/leave", f"/offers/{offer.public_id}/accept"):
        assert program.post(path).status_code == 404
    assert program._send("put", entry, wish, {}).status_code == 404
    assert WaitingEntry.objects.get().state == WaitingState.OFFERED


def test_nobody_is_asked_to_log_in(as_program: AsProgram, db: None) -> None:
    for path in ("/waiting-list", "/offers"):
        assert as_program(None).get(path).status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_few_queries(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime, count: int
) -> None:
    for n in range(count):
        make_entry(ada, hours(now, 4 + n, 5 + n), at=now, resource=microscope)
    program = as_program(ada)
    with count_queries(4):
        program.get("/waiting-list")
    with count_queries(2):
        program.get("/offers")
