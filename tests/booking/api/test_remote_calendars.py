"""One's own calendar server through the interface."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from booking.enums import RemotePolicy, RemoteState
from booking.models import RemoteCalendar, RemoteEntry, Resource
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking
from tests.support.caldav import NAME, PASSWORD, caldav_server
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
PATH, HOUR = "/me/remote-calendar", timedelta(hours=1)
SENT = {"url": "https://10.0.0.1/", "username": NAME, "password": PASSWORD}


def put(program: Program, **body: Any) -> Any:
    return program.put(PATH, SENT | body)


def remote(user: User, now: datetime) -> RemoteCalendar:
    return RemoteCalendar.objects.create(
        user=user, url="https://dav.example.org/ada/", username=NAME, password=PASSWORD,
        created_at=now,
    )  # fmt: skip


def conflict(calendar: RemoteCalendar, resource: Resource, start: datetime) -> RemoteEntry:
    booking = make_booking(calendar.user, resource, start)
    return RemoteEntry.objects.create(
        calendar=calendar, booking=booking, href=f"/{booking.pk}.ics", state=RemoteState.CONFLICT,
        wanted_start=start + HOUR, wanted_end=start + 2 * HOUR, note="It is taken.",
    )  # fmt: skip


def test_a_calendar_is_chosen_connected_read_and_ended(
    as_program: AsProgram, ada: User, tmp_path: Path
) -> None:
    program = as_program(ada)
    assert program.get(PATH).status_code == 404
    assert program.delete(PATH).status_code == 404
    with caldav_server(tmp_path) as server:
        wrong = put(program, url=server.url, password="wrong and secret")
        server.make_calendar("home")
        several = put(program, url=server.url)
        chosen = put(program, url=server.calendar, policy="mine")
    [said] = wrong.json()["errors"]
    assert (wrong.status_code, said["code"]) == (422, "remote_calendar.no_entry")
    assert "wrong and secret" not in wrong.content.decode()
    [said] = several.json()["errors"]
    assert (several.status_code, said["code"]) == (422, "remote_calendar.which")
    assert {"name": "lab", "url": server.calendar} in said["facts"]["calendars"]
    told = chosen.json()["data"]
    assert (told["url"], told["policy"], told["is_active"]) == (server.calendar, "mine", True)
    assert program.get(PATH).json()["data"] == told
    for answer in (chosen, program.get(PATH)):
        assert PASSWORD not in answer.content.decode()
        assert "password" not in answer.json()["data"]
    assert RemoteCalendar.objects.get(user=ada).password == PASSWORD
    assert program.delete(PATH).status_code == 204
    assert not RemoteCalendar.objects.exists()


def test_nonsense_connects_nothing(as_program: AsProgram, ada: User) -> None:
    for body, status in (
        ({}, 422),
        ({"url": "nonsense"}, 422),
        ({"url": ""}, 400),
        ({"username": ""}, 400),
        ({"password": None}, 400),
        ({"policy": "other"}, 400),
        ({"is_active": True}, 400),
    ):
        assert put(as_program(ada), **body).status_code == status, body
    assert not RemoteCalendar.objects.exists()


def test_what_differs_is_listed_and_kept(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    calendar = remote(ada, now)
    entries = [conflict(calendar, microscope, now + n * HOUR) for n in (4, 2)]
    program = as_program(ada)
    listed = program.get(f"{PATH}/conflicts").json()["data"]
    keys = [str(entry.booking.public_id) for entry in reversed(entries)]
    assert [each["booking"] for each in listed] == keys
    assert listed[0] == {
        "booking": keys[0],
        "resource": str(microscope.public_id),
        "resource_name": "Confocal 1",
        "start_time": "2026-03-02T09:00:00Z",
        "end_time": "2026-03-02T10:00:00Z",
        "wanted_start": "2026-03-02T10:00:00Z",
        "wanted_end": "2026-03-02T11:00:00Z",
        "note": "It is taken.",
    }
    keep = f"{PATH}/conflicts/{keys[0]}/keep"
    assert [program.post(keep).status_code for _again in range(2)] == [204, 404]
    left = program.get(f"{PATH}/conflicts", {"page_size": 1}).json()["data"]
    assert [each["booking"] for each in left] == keys[1:]


def test_nobody_reads_ends_or_settles_what_is_anothers(
    as_program: AsProgram, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    entry = conflict(remote(cast["ada"], now), microscope, now + HOUR)
    keep = f"{PATH}/conflicts/{entry.booking.public_id}/keep"
    for user in (user for name, user in cast.items() if name != "ada"):
        program = as_program(user)
        assert [program.get(PATH).status_code, program.delete(PATH).status_code] == [404, 404]
        assert program.get(f"{PATH}/conflicts").json()["data"] == []
        assert program.post(keep).status_code == 404
    visitor = as_program(None)
    answers = (visitor.get(PATH), visitor.delete(PATH), put(visitor), visitor.post(keep))
    assert {answer.status_code for answer in answers} == {401}
    assert visitor.get(f"{PATH}/conflicts").status_code == 401
    entry.refresh_from_db()
    assert (entry.state, entry.calendar.policy) == (RemoteState.CONFLICT, RemotePolicy.ASK)


def test_tries_are_counted_with_those_of_the_page(
    as_program: AsProgram, ada: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.api.v1.remote_calendars.CONNECT_RATE", "2/h")
    monkeypatch.setattr("booking.views.remote_calendars.CONNECT_RATE", "2/h")
    program = as_program(ada)
    program.client.force_login(ada)
    assert program.client.post("/calendars/server", SENT | {"policy": "ask"}).status_code == 422
    assert [put(program).status_code for _try in range(2)] == [422, 429]
    assert program.client.post("/calendars/server", SENT).status_code == 429
    assert put(as_program(ben)).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime, count: int
) -> None:
    calendar = remote(ada, now)
    for n in range(count):
        conflict(calendar, microscope, now + (n + 1) * HOUR)
    program = as_program(ada)
    with count_queries(2):
        assert len(program.get(f"{PATH}/conflicts").json()["data"]) == count
