"""Displays through the API: hung up with an address that is told once, listed, taken down."""

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from booking.models import Resource, WallDisplay
from tests.booking.api.conftest import Program
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
URL = "/displays"


def test_one_is_hung_up_listed_and_taken_down(
    as_program: AsProgram, chris: User, client: Client, microscope: Resource
) -> None:
    program, kind = as_program(chris), microscope.resource_type
    answer = program.post(URL, {"kind": "type", "of": str(kind.public_id)})
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    made = answer.json()["data"]
    address = urlsplit(made.pop("address")).path
    [kept] = WallDisplay.objects.all()
    assert made == {
        "id": str(kept.public_id),
        "name": f"Type: {kind.name}",
        "kind": "type",
        "title": kind.name,
        "created_by": "Chris",
        "created_at": "2026-03-02T07:00:00Z",
        "last_seen_at": None,
        "revoked_at": None,
    }
    assert program.get(URL).json()["data"] == [made]
    assert client.get(address).status_code == 200
    revoked = program.post(f"{URL}/{kept.public_id}/revoke")
    assert revoked.json()["data"]["revoked_at"] == "2026-03-02T07:00:00Z"
    assert client.get(address).status_code == 410
    assert program.get(URL).json()["data"] == []
    for key in (kept.public_id, uuid4()):
        assert program.post(f"{URL}/{key}/revoke").status_code == 404


def test_it_is_for_managers_and_of_what_there_is(
    as_program: AsProgram, cast: dict[str, User]
) -> None:
    assert as_program(None).get(URL).status_code == 401
    for name, user in cast.items():
        program, allowed = as_program(user), name in {"chris", "dora"}
        assert program.get(URL).status_code == (200 if allowed else 403)
        answer = program.post(URL, {"kind": "lab", "name": name})
        assert answer.status_code == (201 if allowed else 403)
        refused = program.post(URL, {"kind": "place", "of": "Nowhere"})
        assert refused.status_code == (422 if allowed else 403)
        unknown = program.post(f"{URL}/{uuid4()}/revoke")
        assert unknown.status_code == (404 if allowed else 403)
    assert sorted(WallDisplay.objects.values_list("name", flat=True)) == ["chris", "dora"]


def test_the_list_costs_the_same_however_many_hang(as_program: AsProgram, chris: User) -> None:
    program = as_program(chris)
    for number in range(3):
        program.post(URL, {"kind": "lab", "name": str(number)})
        with count_queries(2):
            program.get(URL)
