"""Policies as text, for programs."""

from collections.abc import Callable
from datetime import datetime

import pytest
import yaml

from accounts.enums import ScopeKind
from accounts.models import User
from booking.enums import ApprovalMode, Limit
from booking.models import BookingPolicy, PolicySet, Quota, Resource
from tests.booking.api.conftest import Program
from tests.factories.approvals import make_approval_policy, tier
from tests.factories.quotas import make_quota
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
HOME = "/policy-sets"
TEXT = """
title: Shorter
limits:
- {limit: max_length, value: 2 h}
quotas:
- {name: Hours, gives: 10 h, each: month}
examples:
- {role: student, resource: Confocal 1, start: "in 2 days, 10:00", end: "in 2 days, 12:00",
   expect: allowed at once}
"""


def test_a_text_is_looked_at_applied_and_taken_out(
    as_program: AsProgram, chris: User, microscope: Resource
) -> None:
    program = as_program(chris)
    look = program.post(f"{HOME}/validate", {"text": TEXT})
    assert look.status_code == 200
    found = look.json()["data"]
    assert found["title"] == "Shorter"
    assert found["changes"][0] == "New: Longest booking for Everybody, everywhere: 2 hours."
    assert found["changes"][1].startswith("New: the quota “Hours”: gives: 10 hours a month")
    assert found["examples"] == [
        {
            "number": 1,
            "holds": True,
            "role": "student",
            "resource": "Confocal 1",
            "expected": "allowed at once",
            "found": "allowed at once",
        }
    ]
    assert not BookingPolicy.objects.exists()
    made = program.post(HOME, {"text": TEXT, "seen": found["seen"]})
    assert made.status_code == 201
    assert made.json()["data"]["version"] == 1
    assert made.json()["data"]["applied_by"]["name"] == "Chris"
    assert Quota.objects.get().name == "Hours"
    again = program.post(HOME, {"text": TEXT})
    assert (again.status_code, again.json()["data"]["version"]) == (200, 1)
    out = program.get(f"{HOME}/export")
    assert out["Content-Type"] == "application/yaml; charset=utf-8"
    assert "policies.yaml" in out["Content-Disposition"]
    assert yaml.safe_load(out.content)["quotas"] == [
        {"name": "Hours", "gives": "10 h", "each": "month"}
    ]
    assert program.get(f"{HOME}/1/text").content == PolicySet.objects.get().text.encode()
    assert program.get(f"{HOME}/export", Accept="application/yaml").status_code == 200


def test_versions_are_compared_and_applied_again(
    as_program: AsProgram, chris: User, microscope: Resource
) -> None:
    program = as_program(chris)
    program.post(HOME, {"text": TEXT})
    program.post(HOME, {"text": TEXT.replace("2 h}", "3 h}").replace("10 h", "9 h")})
    said = [
        "Changed: Longest booking for Everybody, everywhere: from 2 hours to 3 hours.",
        (
            "Changed: the quota “Hours”, everywhere: gives: from 10 hours a month to 9 hours a "
            "month."
        ),
    ]
    assert program.get(f"{HOME}/1/differences").json()["data"]["changes"] == said
    compared = program.get(f"{HOME}/1/differences", {"version": "2"})
    assert compared.json()["data"]["changes"] == said
    again = program.post(f"{HOME}/1/apply")
    assert (again.status_code, again.json()["data"]["version"]) == (201, 3)
    assert BookingPolicy.objects.get().value == 120
    assert program.post(f"{HOME}/1/apply").status_code == 200
    assert program.get(f"{HOME}/1").json()["data"]["title"] == "Shorter"
    assert program.post(f"{HOME}/2/apply", {"seen": "old"}).status_code == 409
    for path in ("9", "9/text", "9/differences", "9" * 30, "1/differences?version=9"):
        assert program.get(f"{HOME}/{path}").status_code == 404
    assert program.post(f"{HOME}/9/apply").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "field.required"),
        ({"text": TEXT, "colour": "red"}, 400, "field.unknown"),
        ({"text": "title: ["}, 422, "policies.bad"),
        ({"text": TEXT.replace("10 h", "lots")}, 422, "policies.bad"),
        ({"text": TEXT.replace("2 h}", "1 h}")}, 422, "policies.example"),
        ({"text": TEXT, "seen": "old"}, 409, "policies.changed"),
    ],
)
def test_what_is_refused_writes_nothing(
    as_program: AsProgram,
    chris: User,
    microscope: Resource,
    body: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = as_program(chris).post(HOME, body)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["code"] == code
    assert not PolicySet.objects.exists()
    assert not BookingPolicy.objects.exists()
    assert not Quota.objects.exists()


def test_an_example_that_fails_is_shown_before(
    as_program: AsProgram, chris: User, microscope: Resource
) -> None:
    text = TEXT.replace("2 h}", "1 h}")
    found = as_program(chris).post(f"{HOME}/validate", {"text": text}).json()["data"]
    assert found["examples"][0]["found"] == "length.maximum"
    assert not found["examples"][0]["holds"]
    assert found["failing"][0].endswith("expected allowed at once, but it is length.maximum.")


def test_who_sets_policies_everywhere_may(
    as_program: AsProgram, cast: dict[str, User], microscope: Resource
) -> None:
    as_program(cast["chris"]).post(HOME, {"text": TEXT})
    # Somebody who sets policies on one instrument sets none for everybody.
    give(cast["ben"], make_role("desk", "policy.manage"), ScopeKind.RESOURCE, microscope.pk)
    reads = (HOME, f"{HOME}/1", f"{HOME}/1/text", f"{HOME}/1/differences", f"{HOME}/export")
    writes: tuple[tuple[str, dict[str, str]], ...] = (
        (HOME, {"text": TEXT}),
        (f"{HOME}/validate", {"text": TEXT}),
        (f"{HOME}/1/apply", {}),
    )
    for name, user in cast.items():
        program = as_program(user)
        answers = [
            *(program.get(path) for path in reads),
            *(program.post(path, body) for path, body in writes),
        ]
        expected = {200} if name in ("chris", "dora") else {403}
        assert {each.status_code for each in answers} == expected, name
    nobody = as_program(None)
    assert {nobody.get(path).status_code for path in reads} == {401}
    assert {nobody.post(path, body).status_code for path, body in writes} == {401}
    assert PolicySet.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same(
    as_program: AsProgram, chris: User, microscope: Resource, number: int
) -> None:
    program = as_program(chris)
    for each in range(number):
        program.post(HOME, {"text": TEXT.replace("2 h}", f"{each + 2} h}}")})
    program.get(HOME)
    with count_queries(2):
        answer = program.get(HOME)
    assert len(answer.json()["data"]) == number


@pytest.mark.parametrize("number", [1, 3])
def test_looking_costs_the_same(
    as_program: AsProgram, chris: User, microscope: Resource, now: datetime, number: int
) -> None:
    for each in range(number):
        BookingPolicy.objects.create(limit=list(Limit)[each], value=60, role="sysadmin")
        make_quota(f"Quota {each}", resource=microscope)
    make_approval_policy(microscope, *[tier() for _each in range(number)], mode=ApprovalMode.SINGLE)
    program = as_program(chris)
    program.post(f"{HOME}/validate", {"text": TEXT})
    with count_queries(10):
        program.post(f"{HOME}/validate", {"text": TEXT})
