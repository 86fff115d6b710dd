"""Calendar feeds through the interface."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from booking.models import CalendarFeed, Resource
from tests.booking.api.conftest import Program
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]


def make(program: Program, **body: Any) -> Any:
    return program.post("/me/feeds", {"scope": "mine", **body})


def test_a_feed_is_made_listed_renewed_and_revoked(
    as_program: AsProgram, ada: User, eve: User, microscope: Resource
) -> None:
    program = as_program(ada)
    answer = make(program, scope="resource", resource=str(microscope.public_id))
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    made = answer.json()["data"]
    assert (made["name"], made["resource"]) == ("Confocal 1", str(microscope.public_id))
    path = made["address"].partition("8000")[2]
    assert Client().get(path).status_code == 200
    [listed] = program.get("/me/feeds").json()["data"]
    assert "address" not in listed
    assert listed["last_read_at"]
    one = f"/me/feeds/{made['id']}"
    for act in ("renew", "revoke"):
        assert as_program(eve).post(f"{one}/{act}").status_code == 404
        assert as_program(None).post(f"{one}/{act}").status_code == 401
    renewed = program.post(f"{one}/renew").json()["data"]["address"].partition("8000")[2]
    assert [Client().get(each).status_code for each in (path, renewed)] == [404, 200]
    assert program.post(f"{one}/revoke").status_code == 200
    assert Client().get(renewed).status_code == 404
    assert program.get("/me/feeds").json()["data"] == []
    assert as_program(eve).get("/me/feeds").json()["data"] == []


def test_nonsense_and_what_one_cannot_see_make_no_feed(as_program: AsProgram, ada: User) -> None:
    for body, status in (
        ({"scope": "lab"}, 422),
        ({"scope": "resource"}, 422),
        ({"scope": "resource", "resource": str(uuid4())}, 422),
        ({"scope": "group", "group": str(uuid4())}, 422),
        ({"scope": "all"}, 400),
        ({"token": "mine"}, 400),
    ):
        assert make(as_program(ada), **body).status_code == status, body
    assert not CalendarFeed.objects.exists()


def test_the_list_costs_the_same_for_one_and_three(as_program: AsProgram, ada: User) -> None:
    program = as_program(ada)
    for wanted in (1, 2):
        for _n in range(wanted):
            make(program)
        with count_queries(2):
            program.get("/me/feeds")
