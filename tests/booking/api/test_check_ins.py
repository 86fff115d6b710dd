"""Use by the programming interface: beginning, staying, finishing, sessions and questions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, OutboxEvent, Question, Resource, UsageSession
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)


def iso(moment: datetime) -> str:
    return moment.isoformat()


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    return make_booking(ada, microscope, now)


@pytest.fixture
def power(microscope: Resource) -> Question:
    return Question.objects.create(
        resource=microscope, moment="end", kind="number", label="Power", maximum=20, unit="mW"
    )


def test_begins_stays_and_finishes(
    as_program: AsProgram, ada: User, booking: Booking, power: Question, now: datetime
) -> None:
    address = f"/bookings/{booking.public_id}"
    program = as_program(ada)
    assert program.post(f"{address}/check-in").json()["data"]["status"] == "checked_in"
    assert program.post(f"{address}/check-in").status_code == 409
    longer = program.post(f"{address}/extend", {"end_time": iso(now + 2 * HOUR)})
    assert longer.json()["data"]["end_time"] == "2026-03-02T09:00:00Z"
    refused = program.post(f"{address}/check-out", {"answers": {str(power.public_id): 21}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "answer.range"
    done = program.post(
        f"{address}/check-out",
        {
            "answers": {str(power.public_id): 12.5},
            "handover": "warm",
            "handover_note": "Mind the gas.",
        },
    )
    assert done.json()["data"]["status"] == "completed"
    session = program.get("/sessions").json()["data"][0]
    assert (session["handover"], session["planned_end"]) == ("warm", "2026-03-02T09:00:00Z")
    assert session["answers"] == [
        {"question": str(power.public_id), "label": "Power", "value": "12.5", "number": 12.5}
    ]
    assert program.get(f"/sessions/{session['id']}").json()["data"] == session


def test_what_cannot_be_answered_is_refused_whole(
    as_program: AsProgram, ada: User, booking: Booking, power: Question
) -> None:
    as_program(ada).post(f"/bookings/{booking.public_id}/check-in")
    address = f"/bookings/{booking.public_id}/check-out"
    for body, status, code in (
        ({}, 422, "answer.missing"),
        ({"answers": {str(uuid4()): 1}}, 422, "answer.unknown"),
        ({"answers": {str(power.public_id): [1]}}, 400, "field.invalid"),
        ({"answers": {str(power.public_id): 1}, "handover": "burn"}, 400, "field.invalid_choice"),
        ({"answer": {}}, 400, "field.unknown"),
    ):
        answer = as_program(ada).post(address, body)
        assert answer.status_code == status
        assert code in [each["code"] for each in answer.json()["errors"]]
    assert UsageSession.objects.get().ended_at is None


def test_walks_up(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    address = f"/resources/{microscope.public_id}/start"
    made = as_program(ada).post(address, {"end_time": iso(now + HOUR), "purpose": "Cells"})
    assert made.status_code == 201
    assert made.json()["data"]["status"] == "checked_in"
    assert made.headers["Location"].endswith(made.json()["data"]["id"])
    OutboxEvent.objects.all().delete()
    taken = as_program(ben).post(address, {"end_time": iso(now + HOUR)})
    assert taken.status_code == 409
    assert Booking.objects.count() == UsageSession.objects.count() == 1
    assert not OutboxEvent.objects.exists()
    nowhere = f"/resources/{uuid4()}/start"
    assert as_program(ada).post(nowhere, {"end_time": iso(now + HOUR)}).status_code == 404


def test_bookings_of_others_are_not_touched(
    as_program: AsProgram, ben: User, eve: User, chris: User, booking: Booking, now: datetime
) -> None:
    address = f"/bookings/{booking.public_id}"
    for act, body in (
        ("check-in", {}),
        ("check-out", {}),
        ("extend", {"end_time": iso(now + 2 * HOUR)}),
        ("no-show", {}),
    ):
        for user, status in ((eve, 404), (ben, 404), (None, 401)):
            assert as_program(user).post(f"{address}/{act}", body).status_code == status
    booking.attendees.create(user=ben)
    assert as_program(ben).post(f"{address}/check-in").status_code == 403
    assert as_program(ben).post(f"{address}/no-show").status_code == 403
    assert not UsageSession.objects.exists()
    missed = as_program(chris).post(f"{address}/no-show")
    assert missed.json()["data"]["status"] == "no_show"


def test_time_has_its_words(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    later = make_booking(ada, microscope, now + HOUR)
    over = make_booking(ada, microscope, now - 2 * HOUR)
    for booking in (later, over):
        answer = as_program(ada).post(f"/bookings/{booking.public_id}/check-in")
        assert answer.status_code == 409
        assert answer.json()["errors"][0]["code"] == "check_in.time"


@pytest.mark.parametrize("number", [1, 3])
def test_sessions_are_listed_for_who_may_know(
    as_program: AsProgram, cast: dict[str, User], now: datetime, number: int
) -> None:
    for n in range(number):
        resource = make_resource(f"NMR {n}")
        booking = make_booking(cast["ada"], resource, now, status=Status.CHECKED_IN)
        UsageSession.objects.create(
            booking=booking,
            resource=resource,
            user=cast["ada"],
            started_at=now,
            planned_end=now + HOUR,
        )
    counts: dict[str, int] = {}
    for name, user in cast.items():
        found = as_program(user).get("/sessions?running=true").json()["data"]
        counts[name] = len(found)
    assert counts == {"ada": number, "ben": 0, "chris": number, "dora": number, "eve": 0}
    program = as_program(cast["ada"])
    program.get("/sessions")
    with count_queries(3):
        program.get("/sessions")
    assert program.get("/sessions?running=false").json()["data"] == []
    assert program.get("/sessions?from=2027-01-01T00:00:00Z").json()["data"] == []
    assert program.get("/sessions?colour=red").status_code == 400
    session = UsageSession.objects.earliest("pk")
    assert as_program(cast["eve"]).get(f"/sessions/{session.public_id}").status_code == 404
    assert as_program(None).get("/sessions").status_code == 401


def test_questions_are_read_by_all_and_written_by_managers(
    as_program: AsProgram, cast: dict[str, User], microscope: Resource, power: Question
) -> None:
    address = f"/resources/{microscope.public_id}/questions"
    for user in cast.values():
        found = as_program(user).get(address).json()["data"]
        assert [each["label"] for each in found] == ["Power"]
    new: dict[str, Any] = {"moment": "start", "kind": "checkbox", "label": "Door closed?"}
    for name in ("ada", "ben", "eve"):
        assert as_program(cast[name]).post(address, new).status_code == 403
    program = as_program(cast["chris"])
    made = program.post(address, new)
    assert made.status_code == 201
    one = f"/questions/{made.json()['data']['id']}"
    changed = program.patch(one, {"label": "Door shut?", "is_active": False})
    assert changed.json()["data"]["label"] == "Door shut?"
    assert len(program.get(address).json()["data"]) == 1
    assert program.post(address, {**new, "kind": "select"}).status_code == 422
    assert program.post(address, {**new, "label": ""}).status_code == 400
    assert program.patch(f"/questions/{uuid4()}", new).status_code == 404
    assert as_program(cast["ada"]).patch(one, new).status_code == 403
