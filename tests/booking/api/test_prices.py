"""Prices and costs for programs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.models import Booking, Price, Resource
from tests.booking.api.conftest import Program
from tests.factories.prices import make_class, make_price
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)
BODY = {"per_hour": "12.50", "valid_from": "2026-03-03"}


def test_a_price_by_program(as_program: AsProgram, chris: User, microscope: Resource) -> None:
    program = as_program(chris)
    make_class()
    body = {**BODY, "resource": str(microscope.public_id), "price_class": "industry"}
    made = program.post("/prices", body)
    assert made.status_code == 201
    shown = made.json()["data"]
    assert shown == {
        "id": str(Price.objects.get().public_id),
        "resource": str(microscope.public_id),
        "resource_type": None,
        "price_class": "industry",
        "per_hour": "12.50",
        "per_booking": "0.00",
        "currency": "EUR",
        "valid_from": "2026-03-03",
    }
    path = f"/prices/{shown['id']}"
    assert program.get(path).json()["data"] == shown
    changed = program.patch(path, {"per_booking": "3", "price_class": None}).json()["data"]
    assert changed == {**shown, "per_booking": "3.00", "price_class": None}
    assert [each["id"] for each in program.get("/prices?q=conf").json()["data"]] == [shown["id"]]
    assert program.get("/prices?q=moon").json()["data"] == []
    assert program.post(f"{path}/remove").status_code == 204
    assert program.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "price.scope"),
        ({"resource": str(uuid4())}, 422, "price.unknown"),
        ({"per_hour": "-1"}, 400, "field.min_value"),
        ({"per_hour": "0.001"}, 400, "field.max_decimal_places"),
        ({"per_hour": "1000000"}, 400, "field.max_whole_digits"),
        ({"per_hour": "NaN"}, 400, "field.invalid"),
        ({"currency": "USD"}, 400, "field.unknown"),
        ({"valid_from": "soon"}, 400, "field.invalid"),
        ({"price_class": "no such"}, 400, "field.invalid"),
    ],
)
def test_nonsense_is_refused(
    as_program: AsProgram, chris: User, body: dict[str, Any], status: int, code: str
) -> None:
    answer = as_program(chris).post("/prices", {**BODY, **body})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert not Price.objects.exists()


def test_what_has_begun_is_kept(as_program: AsProgram, chris: User, microscope: Resource) -> None:
    path = f"/prices/{make_price(microscope).public_id}"
    program = as_program(chris)
    for answer in (program.patch(path, {"per_hour": "1"}), program.post(f"{path}/remove")):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "price.begun")
    assert Price.objects.get().per_hour == 10


def test_who_may(as_program: AsProgram, cast: dict[str, User], microscope: Resource) -> None:
    path = f"/prices/{make_price(microscope).public_id}"
    for name, user in cast.items():
        program, wanted = as_program(user), 200 if name in ("chris", "dora") else 403
        assert program.get("/prices").status_code == wanted, name
        assert program.get(path).status_code == wanted, name
    nobody = as_program(None)
    assert [nobody.get("/prices").status_code, nobody.post(f"{path}/remove").status_code] == [
        401,
        401,
    ]
    assert as_program(cast["ben"]).post(f"{path}/remove").status_code == 403
    assert Price.objects.exists()


def test_the_list_costs_the_same_however_long(
    as_program: AsProgram, chris: User, microscope: Resource
) -> None:
    program = as_program(chris)
    make_price(microscope)
    program.get("/prices")
    with count_queries() as one:
        program.get("/prices")
    make_price(microscope.resource_type)
    make_price(microscope, price_class=make_class())
    with count_queries(len(one)):
        program.get("/prices")


def test_bookings_and_checks_say_what_it_costs(
    as_program: AsProgram,
    ada: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    program = as_program(ada)
    start, end = (now + 2 * HOUR).isoformat(), (now + 3.5 * HOUR).isoformat()
    wish = {"resource": str(microscope.public_id), "start_time": start, "end_time": end}
    free = program.post("/bookings/check", wish).json()["data"]
    assert (free["estimated_cost"], free["currency"]) == (None, "EUR")
    make_price(microscope, "9.99")
    assert program.post("/bookings/check", wish).json()["data"]["estimated_cost"] == "14.99"
    make_price(second_microscope, "1")
    both = {**wish, "resources": [wish["resource"], str(second_microscope.public_id)]}
    del both["resource"]
    assert program.post("/bookings/check", both).json()["data"]["estimated_cost"] == "16.49"
    made = program.post("/bookings", wish).json()["data"]
    assert (made["estimated_cost"], made["currency"]) == ("14.99", "EUR")
    path = f"/bookings/{Booking.objects.get().public_id}"
    assert program.get(path).json()["data"]["estimated_cost"] == "14.99"
    later = (now + 4 * HOUR).isoformat()
    assert program.patch(path, {"end_time": later}).json()["data"]["estimated_cost"] == "19.98"
