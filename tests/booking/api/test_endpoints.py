"""Chat rooms and webhooks, for programs."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import EndpointKind
from booking.models import Endpoint, Message, OutboxEvent, Resource
from booking.services.outside import tell_endpoints
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking
from tests.factories.endpoints import SECRET, make_endpoint
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
HOME = "/endpoints"
ADDRESS = "http://127.0.0.1:9/in?key=hush"
WISH = {"kind": "webhook", "name": "Inventory", "url": ADDRESS, "kinds": ["booking."]}


def tell_of(user: User, resource: Resource, now: datetime, number: int = 1) -> None:
    """So many bookings, of which all endpoints are told."""
    for hour in range(1, number + 1):
        booking = make_booking(user, resource, now + timedelta(hours=hour))
        event = OutboxEvent.objects.create(
            kind="booking.created",
            payload={"bookings": [str(booking.public_id)]},
            created_at=now,
            dispatched_at=now,
        )
        tell_endpoints(event=event, now=now)


def test_one_is_connected_read_changed_switched_and_disconnected(
    as_program: AsProgram, dora: User, microscope: Resource
) -> None:
    program = as_program(dora)
    made = program.post(HOME, WISH | {"resources": [str(microscope.public_id)]})
    assert made.status_code == 201
    found = made.json()["data"]
    endpoint = Endpoint.objects.get()
    assert found["secret"] == endpoint.secret and len(endpoint.secret) > 40
    one = f"{HOME}/{found['id']}"
    read = program.get(one).json()["data"]
    assert read == {
        "id": str(endpoint.public_id),
        "kind": "webhook",
        "name": "Inventory",
        "host": "127.0.0.1",
        "kinds": ["booking."],
        "resources": [str(microscope.public_id)],
        "is_dry_run": False,
        "is_active": True,
        "failures": 0,
        "stopped_at": None,
        "stopped_reason": "",
        "created_at": "2026-03-02T07:00:00Z",
    }
    changed = program.patch(one, {"kinds": ["fault."], "is_dry_run": True}).json()["data"]
    assert (changed["kinds"], changed["is_dry_run"]) == (["fault."], True)
    assert changed["resources"] == [str(microscope.public_id)]
    endpoint.refresh_from_db()
    assert endpoint.url == ADDRESS
    assert program.post(f"{one}/switch", {"on": False}).json()["data"]["is_active"] is False
    assert program.post(f"{one}/switch", {"on": True}).json()["data"]["is_active"] is True
    assert program.post(f"{one}/test").status_code == 202
    secret = program.post(f"{one}/rotate").json()["data"]["secret"]
    endpoint.refresh_from_db()
    assert endpoint.secret == secret != found["secret"]
    gone = program.client.delete(f"/api/v1{one}", headers=program.headers)
    assert gone.status_code == 204
    assert program.get(one).status_code == 404


def test_the_log_is_read_and_sent_again(
    as_program: AsProgram, dora: User, ada: User, microscope: Resource, now: datetime
) -> None:
    program, endpoint = as_program(dora), make_endpoint(dora, now)
    tell_of(ada, microscope, now, 2)
    Message.objects.update(status="failed", attempts=8, last_error="Refused: HTTP 503")
    one = f"{HOME}/{endpoint.public_id}"
    log = program.get(f"{one}/deliveries").json()["data"]
    assert [each["status"] for each in log] == ["failed", "failed"]
    assert json.loads(log[0]["body"])["id"] == log[0]["id"]
    again = program.post(f"{one}/deliveries/{log[0]['id']}/replay").json()["data"]
    assert (again["id"], again["status"], again["attempts"]) == (log[0]["id"], "pending", 0)
    twice = program.post(f"{one}/deliveries/{log[0]['id']}/replay")
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (409, "delivery.waits")
    assert program.post(f"{one}/replay").json()["data"] == {"sent_again": 1}
    assert program.post(f"{one}/deliveries/{uuid4()}/replay").status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"url": "https://10.1.2.3/in"}, 422, "endpoint.address"),
        ({"kinds": ["booking.eaten"]}, 422, "endpoint.unknown_kind"),
        ({"name": "TAKEN"}, 422, "endpoint.name_taken"),
        ({"resources": [str(uuid4())]}, 422, "resource.unknown"),
        ({"kinds": []}, 400, "field"),
        ({"kind": "irc"}, 400, "field.invalid_choice"),
        ({"secret": "mine"}, 400, "field.unknown"),
    ],
)
def test_what_is_wrong_is_refused_with_a_code(
    as_program: AsProgram,
    dora: User,
    now: datetime,
    change: dict[str, Any],
    status: int,
    code: str,
) -> None:
    make_endpoint(dora, now, name="Taken")
    answer = as_program(dora).post(HOME, WISH | change)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["code"].startswith(code)
    assert Endpoint.objects.count() == 1


def test_a_room_has_no_secret_and_hears_nothing_while_off(
    as_program: AsProgram, dora: User, now: datetime
) -> None:
    program = as_program(dora)
    room = program.post(HOME, WISH | {"kind": EndpointKind.SLACK}).json()["data"]
    assert room["secret"] == ""
    one = f"{HOME}/{room['id']}"
    answer = program.post(f"{one}/rotate")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "endpoint.no_secret")
    program.post(f"{one}/switch", {"on": False})
    answer = program.post(f"{one}/replay")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "endpoint.off")


def test_administrators_alone(as_program: AsProgram, cast: dict[str, User], now: datetime) -> None:
    one = f"{HOME}/{make_endpoint(cast['dora'], now).public_id}"
    reads = (HOME, one, f"{one}/deliveries")
    writes = [
        (HOME, WISH),
        *((f"{one}/{act}", {}) for act in ("rotate", "test", "replay")),
        (f"{one}/switch", {"on": False}),
        (f"{one}/deliveries/{uuid4()}/replay", {}),
    ]
    for name in ("ada", "ben", "chris", "eve", ""):
        program = as_program(cast[name] if name else None)
        answers = [program.get(path) for path in reads]
        answers += [program.post(path, body) for path, body in writes]
        answers += [program.patch(one, {"name": "x"})]
        answers += [program.client.delete(f"/api/v1{one}", headers=program.headers)]
        assert {each.status_code for each in answers} == {403 if name else 401}, name
    assert Endpoint.objects.get().secret == SECRET
    dora = as_program(cast["dora"])
    assert {dora.get(path).status_code for path in reads} == {200}


@pytest.mark.parametrize("number", [1, 3])
def test_lists_cost_the_same(
    as_program: AsProgram,
    dora: User,
    ada: User,
    microscope: Resource,
    now: datetime,
    number: int,
) -> None:
    program = as_program(dora)
    for each in range(number):
        make_endpoint(dora, now, microscope, name=f"Server {each}")
    tell_of(ada, microscope, now, number)
    program.get(HOME)
    # Who asks, the page, its instruments.
    with count_queries(3):
        assert len(program.get(HOME).json()["data"]) == number
    one = f"{HOME}/{Endpoint.objects.earliest('pk').public_id}"
    with count_queries(4):
        assert len(program.get(f"{one}/deliveries").json()["data"]) == number
