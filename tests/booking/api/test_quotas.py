"""Quotas for programs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.models import Quota, Resource
from booking.services.bookings import create_booking
from labitory.lib.periods import Period
from tests.booking.api.conftest import Program
from tests.factories.quotas import make_quota
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)


def book(user: User, resource: Resource, now: datetime, hours: float) -> None:
    period = Period(now + 2 * HOUR, now + (2 + hours) * HOUR)
    create_booking(actor=user, user=user, resource_ids=[resource.public_id], period=period, now=now)


def test_my_quotas(
    as_program: AsProgram,
    ada: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    quota = make_quota(amount=Decimal(240), overdraft=Decimal(60), resource=microscope)
    book(ada, microscope, now, 3)
    program = as_program(ada)
    assert program.get("/quotas/mine").json()["data"] == [
        {
            "quota": {
                "id": str(quota.public_id),
                "name": "Microscopes",
                "measure": "minutes",
                "amount": 240,
                "period": "month",
                "rolling_days": None,
                "holder": "user",
                "overdraft": 60,
                "grab_hours": None,
            },
            "scope": "resource",
            "scope_name": "Confocal 1",
            "shared_by": "",
            "starts_on": "2026-03-01",
            "renews_on": "2026-04-01",
            "allowed": 240,
            "taken": 180,
            "left": 60,
        }
    ]
    elsewhere = {"resource": str(second_microscope.public_id)}
    assert program.get("/quotas/mine", elsewhere).json()["data"] == []
    assert program.get("/quotas/mine", {"resource": str(uuid4())}).status_code == 404
    assert program.get("/quotas/mine", {"colour": "red"}).status_code == 400


def test_a_booking_beyond_it_is_a_problem(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    make_quota(amount=Decimal(60))
    body = {
        "resource": str(microscope.public_id),
        "start_time": (now + 2 * HOUR).isoformat(),
        "end_time": (now + 4 * HOUR).isoformat(),
    }
    answer = as_program(ada).post("/bookings", body)
    assert answer.status_code == 422
    [problem] = answer.json()["errors"]
    assert (problem["code"], problem["facts"]["left"]) == ("quota.allowance", 60.0)
    assert [each["kind"] for each in problem["repairs"]] == ["shorter"]


def test_quotas_are_set_and_changed(
    as_program: AsProgram, chris: User, microscope: Resource, now: datetime
) -> None:
    program = as_program(chris)
    made = program.post(
        "/quotas", {"name": "Imaging", "amount": 600, "resource": str(microscope.public_id)}
    )
    assert made.status_code == 201
    shown = made.json()["data"]
    assert (shown["resource"], shown["period"], shown["is_active"]) == (
        str(microscope.public_id),
        "month",
        True,
    )
    path = f"/quotas/{shown['id']}"
    assert program.get(path).json()["data"] == shown
    changed = program.patch(path, {"amount": 300, "is_active": False}).json()["data"]
    assert changed == {**shown, "amount": 300, "is_active": False}
    assert program.patch(path, {"is_active": True}).json()["data"]["is_active"]
    assert [each["name"] for each in program.get("/quotas").json()["data"]] == ["Imaging"]
    book(chris, microscope, now, 1)
    [account] = program.get(f"{path}/accounts").json()["data"]
    assert account == {
        "holder": "Chris",
        "starts_on": "2026-03-01",
        "carried": 0,
        "reserved": 60,
        "used": 0,
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "A", "amount": 10**9, "measure": "cost"}, 400, "field.max_value"),
        ({"name": "A", "amount": 1, "period": "rolling"}, 422, "quota.rolling"),
        ({"name": "A", "amount": 1, "pool": str(uuid4())}, 422, "quota.unknown"),
        ({"name": "Taken", "amount": 1}, 422, "quota.name"),
        ({"name": "A"}, 400, "field.required"),
        ({"name": "A", "amount": -1}, 400, "field.min_value"),
        ({"name": "A", "amount": 1, "colour": "red"}, 400, "field.unknown"),
    ],
)
def test_nonsense_is_refused(
    as_program: AsProgram, chris: User, body: dict[str, Any], status: int, code: str
) -> None:
    make_quota("Taken")
    answer = as_program(chris).post("/quotas", body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert Quota.objects.count() == 1


def test_who_may(as_program: AsProgram, cast: dict[str, User]) -> None:
    quota = make_quota()
    path = f"/quotas/{quota.public_id}"
    for name, user in cast.items():
        program, may = as_program(user), name in ("chris", "dora")
        for read in ("/quotas", path, f"{path}/accounts"):
            assert program.get(read).status_code == (200 if may else 403)
        assert program.get("/quotas/mine").status_code == 200
    assert as_program(cast["ada"]).post("/quotas", {"name": "A", "amount": 1}).status_code == 403
    assert as_program(cast["ada"]).patch(path, {"amount": 1}).status_code == 403
    assert as_program(cast["chris"]).get(f"/quotas/{uuid4()}").status_code == 404
    for read in ("/quotas", "/quotas/mine", path):
        assert as_program(None).get(read).status_code == 401


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_program: AsProgram, ada: User, chris: User, microscope: Resource, now: datetime, number: int
) -> None:
    for n in range(number):
        quota = make_quota(f"Quota {n}")
    book(ada, microscope, now, 1)
    for user, path, queries in (
        (ada, "/quotas/mine", 2),
        (chris, "/quotas", 2),
        (chris, f"/quotas/{quota.public_id}/accounts", 4),
    ):
        program = as_program(user)
        program.get(path)
        with count_queries(queries):
            assert program.get(path).status_code == 200
