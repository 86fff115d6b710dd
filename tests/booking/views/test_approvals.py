"""The queue of bookings that wait for a decision."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, BookingStatus, Resource, ResponsiblePerson
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")


@pytest.fixture
def waiting(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's booking waits."""
    return make_booking(ada, microscope, now + timedelta(hours=2), status=Status.PENDING)


def test_anonymous_is_sent_to_the_login(client: Client, waiting: Booking) -> None:
    for answer in (
        client.get("/manage/approvals"),
        client.post(f"/bookings/{waiting.public_id}/approve"),
        client.post(f"/bookings/{waiting.public_id}/reject"),
    ):
        assert "/accounts/login" in answer["Location"]


def test_each_sees_what_they_may_decide(
    as_user: LogIn, cast: dict[str, User], waiting: Booking
) -> None:
    ResponsiblePerson.objects.create(user=cast["ben"], resource=waiting.resource)
    seen = {
        name
        for name, user in cast.items()
        if str(waiting.public_id) in as_user(user).get("/manage/approvals").content.decode()
    }
    assert seen == {"ben", "chris", "dora"}


def test_an_empty_queue_says_why(as_user: LogIn, ada: User) -> None:
    assert "Nothing waits for you" in as_user(ada).get("/manage/approvals").content.decode()


def test_approve_returns_to_the_queue(as_user: LogIn, chris: User, waiting: Booking) -> None:
    answer = as_user(chris).post(f"/bookings/{waiting.public_id}/approve", {"next": "queue"})
    assert answer["Location"] == "/manage/approvals"
    waiting.refresh_from_db()
    assert waiting.status == Status.CONFIRMED


def test_reject_keeps_the_reason(as_user: LogIn, chris: User, waiting: Booking) -> None:
    as_user(chris).post(f"/bookings/{waiting.public_id}/reject", {"reason": "Laser is out"})
    waiting.refresh_from_db()
    assert waiting.status == Status.REJECTED
    assert BookingStatus.objects.get(to_status=Status.REJECTED).reason == "Laser is out"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_reject_wants_a_sensible_reason(
    as_user: LogIn, chris: User, waiting: Booking, reason: str
) -> None:
    answer = as_user(chris).post(
        f"/bookings/{waiting.public_id}/reject", {"reason": reason}, follow=True
    )
    assert "alert-danger" in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.status == Status.PENDING


def test_nobody_decides_on_their_own(as_user: LogIn, ada: User, waiting: Booking) -> None:
    ResponsiblePerson.objects.create(user=ada, resource=waiting.resource)
    assert as_user(ada).post(f"/bookings/{waiting.public_id}/approve").status_code == 403
    waiting.refresh_from_db()
    assert waiting.status == Status.PENDING


def test_strangers_find_nothing(as_user: LogIn, eve: User, waiting: Booking) -> None:
    assert as_user(eve).post(f"/bookings/{waiting.public_id}/approve").status_code == 404
    assert as_user(eve).post(f"/bookings/{waiting.public_id}/reject").status_code == 404


def test_a_decided_booking_says_so(as_user: LogIn, chris: User, waiting: Booking) -> None:
    client = as_user(chris)
    client.post(f"/bookings/{waiting.public_id}/approve")
    answer = client.post(f"/bookings/{waiting.public_id}/approve", follow=True)
    assert "no longer waits" in answer.content.decode()


def test_looking_decides_nothing(as_user: LogIn, chris: User, waiting: Booking) -> None:
    client = as_user(chris)
    assert client.get(f"/bookings/{waiting.public_id}/approve").status_code == 405
    assert client.get(f"/bookings/{waiting.public_id}/reject").status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_the_queue_takes_six_queries(
    as_user: LogIn, ada: User, chris: User, now: datetime, number: int
) -> None:
    for n in range(number):
        make_booking(
            ada,
            make_resource(f"Confocal {n}"),
            now + timedelta(hours=2),
            status=Status.PENDING,
            purpose="<script>alert(1)</script>",
        )
    client = as_user(chris)
    client.get("/manage/approvals")
    # The types to filter by, and the steps that each waits for, besides.
    with count_queries(6):
        answer = client.get("/manage/approvals")
    assert b"<script>alert" not in answer.content
    assert len(answer.content) < 60_000
