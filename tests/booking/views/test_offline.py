"""The page that is kept for when there is no network, and telling what was done meanwhile."""

import json
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Limit, Status
from booking.models import Booking, BookingPolicy, OfflineAct, Question, Resource
from tests.booking.api.conftest import Program
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PAGE, ACTS = "/offline", "/api/v1/me/offline-acts"


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    return make_booking(ada, microscope, now, 2 * HOUR)


def shown(response: Any) -> list[str]:
    return re.findall(r'data-booking="([^"]+)"', response.content.decode())


def act_of(of: Booking, at: datetime, **changes: Any) -> dict[str, Any]:
    found = {"key": str(uuid4()), "booking": str(of.public_id), "act": "check_in"}
    return {**found, "done_at": at.isoformat(), **changes}


def body_of(now: datetime, *acts: dict[str, Any]) -> dict[str, Any]:
    return {"device_now": now.isoformat(), "acts": list(acts)}


def test_everybody_finds_their_own_there(
    as_user: LogIn, cast: dict[str, User], booking: Booking
) -> None:
    for name, user in cast.items():
        response = as_user(user).get(PAGE)
        assert response.status_code == 200
        assert response.headers["X-Person"] == str(user.public_id)
        assert response.headers["X-CSRFToken"]
        assert "no-store" in response.headers["Cache-Control"]
        assert shown(response) == ([str(booking.public_id)] if name == "ada" else [])
        others = [each.full_name for each in cast.values() if each != user]
        assert not [each for each in others if each in response.content.decode()]


def test_visitors_are_told_that_there_is_no_network(client: Client, booking: Booking) -> None:
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "X-Person" not in response.headers
    assert "X-CSRFToken" not in response.headers
    assert shown(response) == []


def test_it_is_of_today_and_tomorrow(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    soon = make_booking(ada, microscope, now + HOUR)
    tomorrow = make_booking(ada, microscope, now + 39 * HOUR)
    make_booking(ada, microscope, now + 41 * HOUR)
    make_booking(ada, microscope, now - 3 * HOUR)
    make_booking(ada, microscope, now + 5 * HOUR, status=Status.CANCELLED)
    # What one only attends or made for others, others check in to.
    make_booking(ben, microscope, now + 7 * HOUR, created_by=ada)
    used = make_booking(ada, microscope, now - 9 * HOUR, status=Status.CHECKED_IN)
    expected = [str(each.public_id) for each in (used, soon, tomorrow)]
    assert shown(as_user(ada).get(PAGE)) == expected


def test_it_says_from_when_until_when_and_what_is_asked(
    as_user: LogIn, ada: User, booking: Booking, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.NO_SHOW_GRACE, value=20)
    Booking.objects.update(updated_at=now - HOUR)
    Question.objects.create(
        resource_type=microscope.resource_type, moment="end", kind="text", label="Gas?"
    )
    page = as_user(ada).get(PAGE).content.decode()

    def milliseconds(moment: datetime) -> int:
        return int(moment.timestamp() * 1000)

    assert f'data-from="{milliseconds(now - 15 * MINUTE)}"' in page
    assert f'data-until="{milliseconds(now + 20 * MINUTE)}"' in page
    assert "data-asks-after" in page
    assert "data-asks-before" not in page
    assert f'href="/i/{microscope.code}"' in page
    assert "Check in from 07:45." in page


def test_who_looks_as_another_person_takes_none_of_it_along(
    as_user: LogIn, ada: User, dora: User, booking: Booking
) -> None:
    client = as_user(dora)
    client.post("/accounts/view-as", {"user": ada.username, "reason": "She cannot book"})
    response = client.get(PAGE)
    assert shown(response) == [str(booking.public_id)]
    assert "X-Person" not in response.headers
    assert "X-CSRFToken" not in response.headers


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_for_one_and_for_many(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime, number: int
) -> None:
    for place in range(number):
        make_booking(ada, microscope, now + place * HOUR)
    client = as_user(ada)
    client.get(PAGE)
    with count_queries(2):
        assert len(shown(client.get(PAGE))) == number


def test_a_browser_tells_and_its_person_reads_of_it_once(
    ada: User, booking: Booking, second_microscope: Resource, now: datetime
) -> None:
    later = make_booking(ada, second_microscope, now + 5 * HOUR)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    token = client.get(PAGE).headers["X-CSRFToken"]
    body = body_of(now, act_of(booking, now - 5 * MINUTE), act_of(later, now - 4 * MINUTE))

    def send(**headers: str) -> Any:
        return client.post(ACTS, json.dumps(body), "application/json", headers=headers)

    assert send().status_code == 403
    for _time in range(2):
        found = send(**{"x-csrftoken": token}).json()["data"]
        assert [each["outcome"] for each in found] == ["done", "refused"]
    assert found[0]["done_at"] == "2026-03-02T06:55:00Z"
    page = client.get("/").content.decode()
    assert page.count("Confocal 1: you checked in at 07:55.") == 1
    assert page.count("Confocal 2: your check-in of 07:56 could not be taken.") == 1
    assert "you checked in" not in client.get("/").content.decode()


def test_a_program_tells_too(ada: User, booking: Booking, now: datetime) -> None:
    answer = Program(ada).post("/me/offline-acts", body_of(now, act_of(booking, now)))
    assert answer.status_code == 200
    assert "messages" not in answer.cookies
    assert OfflineAct.objects.get().user == ada


@pytest.mark.parametrize(
    "change",
    [
        {"act": "cancel"},
        {"key": "1"},
        {"booking": "x"},
        {"done_at": "2026-03-02T07:00"},
        {"more": 1},
    ],
)
def test_what_is_no_act_is_refused(
    ada: User, booking: Booking, now: datetime, change: dict[str, Any]
) -> None:
    program = Program(ada)
    answer = program.post("/me/offline-acts", body_of(now, act_of(booking, now, **change)))
    assert answer.status_code == 400
    assert program.post("/me/offline-acts", body_of(now)).status_code == 400
    many = [act_of(booking, now) for _each in range(51)]
    assert program.post("/me/offline-acts", body_of(now, *many)).status_code == 400
    assert not OfflineAct.objects.exists()


def test_nobody_tells_without_a_login(booking: Booking, now: datetime) -> None:
    answer = Program().post("/me/offline-acts", body_of(now, act_of(booking, now)))
    assert answer.status_code == 401
    assert not OfflineAct.objects.exists()
