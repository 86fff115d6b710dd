"""Faults and maintenance by the programming interface."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import Status
from booking.models import Fault, MaintenancePlan, MaintenanceRecord, OutboxEvent, Resource
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def iso(moment: datetime) -> str:
    return moment.isoformat()


def report(resource: Resource, **said: Any) -> dict[str, Any]:
    return {"resource": str(resource.public_id), "title": "No laser", **said}


def work(resource: Resource, now: datetime, **said: Any) -> dict[str, Any]:
    return {
        "resource": str(resource.public_id),
        "title": "New lamp",
        "start_time": iso(now + DAY),
        "end_time": iso(now + DAY + 2 * HOUR),
        **said,
    }


def codes(answer: Any) -> list[str]:
    return [each["code"] for each in answer.json()["errors"]]


def test_a_fault_from_its_report_to_its_end(
    as_program: AsProgram, ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    made = as_program(ada).post("/faults", report(microscope, severity="high", blocks_use=True))
    assert made.status_code == 201
    found = made.json()["data"]
    assert (found["state"], found["due_at"]) == ("open", "2026-03-05T07:00:00Z")
    path = f"/faults/{found['id']}"
    assert as_program(ben).patch(path, {"state": "in_progress"}).status_code == 403
    program = as_program(chris)
    changed = program.patch(
        path, {"state": "waiting", "back_at": iso(now + DAY), "assignee": str(chris.public_id)}
    ).json()["data"]
    assert (changed["state"], changed["severity"]) == ("waiting", "high")
    assert changed["assignee"]["id"] == str(chris.public_id)
    assert program.post(f"{path}/tell").json()["data"] == {"told": 1}
    assert codes(program.patch(path, {"state": "resolved"})) == ["fault.resolution"]
    done = program.patch(path, {"state": "resolved", "note": "New tube"}).json()["data"]
    assert done["resolution"] == "New tube"
    assert [note["to_state"] for note in done["history"]] == ["open", "waiting", "", "resolved"]
    again = program.patch(path, {"state": "resolved", "note": "New tube"})
    assert (again.status_code, codes(again)) == (409, ["fault.resolved"])


def test_nonsense_about_faults_is_refused_whole(
    as_program: AsProgram, ada: User, eve: User, microscope: Resource
) -> None:
    hidden = make_resource("Secret", is_hidden=True)
    for body, status in (
        (report(microscope, title=" "), 400),
        (report(microscope, severity="awful"), 400),
        (report(microscope, colour="red"), 400),
        ({"title": "x"}, 400),
        (report(hidden), 404),
    ):
        assert as_program(eve).post("/faults", body).status_code == status
    assert not Fault.objects.exists()
    assert not OutboxEvent.objects.exists()
    assert as_program(None).post("/faults", report(microscope)).status_code == 401
    assert as_program(ada).get(f"/faults/{uuid4()}").status_code == 404
    assert as_program(ada).patch(f"/faults/{uuid4()}", {}).status_code == 404
    assert as_program(ada).post(f"/faults/{uuid4()}/tell").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_faults_are_listed_for_those_they_concern(
    as_program: AsProgram, cast: dict[str, User], microscope: Resource, number: int
) -> None:
    for n in range(number):
        as_program(cast["ada"]).post("/faults", report(microscope, title=f"No {n}"))
    counts = {
        name: len(as_program(user).get("/faults").json()["data"]) for name, user in cast.items()
    }
    assert counts == {"ada": number, "ben": 0, "chris": number, "dora": number, "eve": 0}
    program = as_program(cast["chris"])
    program.get("/faults")
    with count_queries(2):
        program.get("/faults?state=open&severity=medium")
    assert program.get("/faults?state=late").json()["data"] == []
    assert program.get("/faults?state=gone").status_code == 400


def test_work_over_a_booking_in_three_ways(
    as_program: AsProgram, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + DAY)
    program = as_program(chris)
    refused = program.post("/maintenance", work(microscope, now))
    assert (refused.status_code, codes(refused)) == (422, ["block.bookings"])
    made = program.post("/maintenance", work(microscope, now, way="displace", cost="12.50"))
    assert made.status_code == 201
    found = made.json()["data"]
    assert found["work"]["cost"] == "12.50"
    assert [each["booking"] for each in found["displaced"]] == [str(booking.public_id)]
    path = f"/maintenance/{found['work']['id']}"
    assert program.get(path).json()["data"] == found
    changed = program.patch(path, {"vendor": "Lamps Ltd", "end_time": iso(now + DAY + HOUR)})
    assert changed.json()["data"]["work"]["vendor"] == "Lamps Ltd"
    assert changed.json()["data"]["work"]["title"] == "New lamp"
    assert program.post(f"{path}/cancel").json()["data"]["work"]["cancelled_at"]
    assert program.post(f"{path}/cancel").status_code == 404
    assert program.patch(path, {}).status_code == 404
    booking.refresh_from_db()
    assert (booking.status, booking.claims.count()) == (Status.CONFIRMED, 1)
    assert len(program.get("/maintenance?past=true").json()["data"]) == 1
    assert program.get("/maintenance").json()["data"] == []


def test_a_plan_makes_its_windows(
    as_program: AsProgram, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    said = {
        "resource": str(microscope.public_id),
        "title": "Clean the optics",
        "first_start": iso(now + HOUR),
        "minutes": 60,
        "rule": "FREQ=WEEKLY;COUNT=3",
    }
    assert as_program(ada).post("/maintenance-plans", said).status_code == 403
    program = as_program(chris)
    bad = program.post("/maintenance-plans", {**said, "rule": "FREQ=HOURLY"})
    assert (bad.status_code, codes(bad)) == (422, ["maintenance.rule"])
    assert not MaintenancePlan.objects.exists()
    made = program.post("/maintenance-plans", said).json()["data"]
    assert MaintenanceRecord.objects.count() == 3
    path = f"/maintenance-plans/{made['id']}"
    changed = program.patch(path, {"rule": "FREQ=WEEKLY;COUNT=2"}).json()["data"]
    assert (changed["rule"], changed["minutes"]) == ("FREQ=WEEKLY;COUNT=2", 60)
    assert MaintenanceRecord.objects.count() == 2
    assert program.get(path).json()["data"]["rule"] == "FREQ=WEEKLY;COUNT=2"
    assert as_program(ada).get(path).status_code == 404
    assert as_program(ada).get("/maintenance-plans").json()["data"] == []
    ended = as_program(chris).post(f"{path}/end")
    assert ended.json()["data"]["ended_at"]
    assert as_program(chris).post(f"{path}/end").status_code == 409
    assert not MaintenanceRecord.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_work_is_listed_where_one_plans_it(
    as_program: AsProgram, cast: dict[str, User], now: datetime, number: int
) -> None:
    for n in range(number):
        made = as_program(cast["chris"]).post("/maintenance", work(make_resource(f"N{n}"), now))
        assert made.status_code == 201
    counts = {
        name: len(as_program(user).get("/maintenance").json()["data"])
        for name, user in cast.items()
    }
    assert counts == {"ada": 0, "ben": 0, "chris": number, "dora": number, "eve": 0}
    program = as_program(cast["chris"])
    program.get("/maintenance")
    with count_queries(2):
        program.get("/maintenance")
    for body, status in (
        (work(make_resource("X"), now, way="burn"), 400),
        (work(make_resource("Y"), now, cost="-1"), 400),
        (work(make_resource("Z"), now, end_time=iso(now)), 422),
        ({**work(make_resource("Q"), now), "resource": str(uuid4())}, 404),
        (work(make_resource("F"), now, fault=str(uuid4())), 404),
    ):
        assert program.post("/maintenance", body).status_code == status
    for path in ("/maintenance", "/maintenance-plans", f"/maintenance/{uuid4()}"):
        assert as_program(None).get(path).status_code == 401
