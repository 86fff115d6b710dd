"""What if, for programs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.enums import ScopeKind
from accounts.models import User
from booking.enums import Status
from booking.models import Booking, PolicyTrial, Resource
from booking.tasks.reports import run_policy_trials
from tests.booking.api.conftest import Program
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
HOME = "/policy-trials"
BODY: dict[str, Any] = {
    "title": "One hour at most",
    "months": 2,
    "change": {"limit": "max_length", "role": "student", "value": 60},
}


def book(user: User, resource: Resource, now: datetime, days: int) -> Booking:
    start = now - timedelta(days=days)
    return Booking.objects.create(
        user=user,
        created_by=user,
        resource=resource,
        start_time=start,
        end_time=start + timedelta(hours=3),
        status=Status.COMPLETED,
        created_at=start - timedelta(days=1),
    )


def test_a_trial_from_its_start_to_its_outcome(
    as_program: AsProgram, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    first = book(ada, microscope, now, 9)
    book(ada, microscope, now, 5)
    program = as_program(chris)
    made = program.post(HOME, BODY)
    assert made.status_code == 201
    trial = made.json()["data"]
    assert (trial["state"], trial["done"], trial["total"]) == ("waiting", 0, 0)
    path = f"{HOME}/{trial['id']}"
    assert program.get(path).json()["data"]["outcome"] is None
    run_policy_trials()
    found = program.get(path).json()["data"]
    assert (found["state"], found["done"], found["total"]) == ("done", 2, 2)
    outcome = found["outcome"]
    assert (outcome["bookings"], outcome["refused"], outcome["hours"]) == (2, 2, 6.0)
    assert (outcome["present"], outcome["gini_before"]) == (0, 0.0)
    assert outcome["rules"] == [
        {"name": "Longer than allowed", "refused": 2, "hours": 6.0, "made": 6.0}
    ]
    assert {
        part["title"]: part["shares"][0]["name"] for part in outcome["parts"] if part["shares"]
    }["By instrument"] == "Confocal 1"
    assert outcome["examples"][0]["booking"] == str(first.public_id)
    assert program.get(HOME).json()["data"][0]["id"] == trial["id"]
    assert program.post(f"{path}/stop").status_code == 409


def test_a_text_and_a_place_are_tried(
    as_program: AsProgram, chris: User, microscope: Resource
) -> None:
    program = as_program(chris)
    text = "title: x\nlimits:\n- {limit: gap, value: 1 h}\n"
    assert program.post(HOME, {"title": "All", "months": 1, "text": text}).status_code == 201
    assert PolicyTrial.objects.get().proposed[0]["limit"] == "gap"
    change = {"limit": "gap", "value": None, "resource": str(microscope.public_id)}
    body = {"title": "Here", "months": 1, "change": change}
    path = f"{HOME}/{program.post(HOME, body).json()['data']['id']}"
    assert PolicyTrial.objects.get(title="Here").proposed[-1]["resource_id"] == microscope.pk
    stopped = program.post(f"{path}/stop").json()["data"]
    assert (stopped["state"], stopped["error"]) == ("failed", "Stopped by Chris.")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"months": 99}, 400, "field.max_value"),
        ({"title": ""}, 400, "field.blank"),
        ({"colour": "red"}, 400, "field.unknown"),
        ({"change": {"limit": "speed", "value": 1}}, 400, "field.invalid_choice"),
        ({"change": {"limit": "gap"}}, 400, "field.required"),
        ({"text": "title: ["}, 422, "trial.wish"),
        ({"change": None}, 400, "field.null"),
        (
            {"change": {"limit": "gap", "value": 1, "resource": str(uuid4())}},
            404,
            "request.not_found",
        ),
    ],
)
def test_a_bad_wish_starts_nothing(
    as_program: AsProgram, chris: User, change: dict[str, Any], status: int, code: str
) -> None:
    answer = as_program(chris).post(HOME, {**BODY, **change})
    assert answer.status_code == status
    assert answer.json()["errors"][0]["code"] == code
    assert not PolicyTrial.objects.exists()


def test_one_limit_in_one_place(as_program: AsProgram, chris: User, microscope: Resource) -> None:
    program = as_program(chris)
    place = {
        "resource": str(microscope.public_id),
        "resource_type": str(microscope.resource_type.public_id),
    }
    for body in (
        {"title": "x", "months": 1},
        {"title": "x", "months": 1, "change": {"limit": "gap", "value": 1, **place}},
        {"title": "x", "months": 1, "text": "title: ["},
    ):
        assert program.post(HOME, body).status_code == 422
    assert not PolicyTrial.objects.exists()


def test_who_sets_policies_everywhere_may(
    as_program: AsProgram, cast: dict[str, User], microscope: Resource
) -> None:
    give(cast["ben"], make_role("desk", "policy.manage"), ScopeKind.RESOURCE, microscope.pk)
    trial = as_program(cast["chris"]).post(HOME, BODY).json()["data"]["id"]
    reads = (HOME, f"{HOME}/{trial}")
    for name, user in cast.items():
        program = as_program(user)
        allowed = name in ("chris", "dora")
        assert {program.get(path).status_code for path in reads} == {200 if allowed else 403}
        assert program.post(HOME, BODY).status_code == (201 if allowed else 403), name
        if not allowed:
            assert program.post(f"{HOME}/{trial}/stop").status_code == 403
    nobody = as_program(None)
    assert {nobody.get(path).status_code for path in reads} == {401}
    for path in (HOME, f"{HOME}/{trial}/stop"):
        assert nobody.post(path, BODY).status_code == 401
    dora = as_program(cast["dora"])
    assert dora.get(f"{HOME}/{uuid4()}").status_code == 404
    assert dora.post(f"{HOME}/{uuid4()}/stop").status_code == 404
    assert dora.post(f"{HOME}/{trial}/stop").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_lists_and_outcomes_cost_the_same(
    as_program: AsProgram,
    ada: User,
    chris: User,
    microscope: Resource,
    now: datetime,
    number: int,
) -> None:
    for each in range(number):
        book(ada, microscope, now, 5 + each)
    program = as_program(chris)
    for _each in range(number):
        trial = program.post(HOME, BODY).json()["data"]["id"]
    run_policy_trials()
    program.get(HOME)
    with count_queries(2):
        program.get(HOME)
    with count_queries(5):
        program.get(f"{HOME}/{trial}")
