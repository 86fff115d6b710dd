"""The first page: now and next, what waits, favourites, and the first run."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Status
from booking.models import FavouriteResource, Hold, Notification, OutboxEvent, Resource
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock", "weekday_hours")
HOUR = timedelta(hours=1)


def make_notice(user: User, now: datetime, title: str = "Moved") -> Notification:
    event = OutboxEvent.objects.create(kind="booking.created", payload={}, created_at=now)
    return Notification.objects.create(event=event, user=user, title=title, created_at=now)


def test_anonymous_is_sent_to_the_login(client: Client, db: None) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert "/accounts/login" in answer["Location"]


def test_everybody_has_a_home(as_user: LogIn, cast: dict[str, User]) -> None:
    for user in cast.values():
        answer = as_user(user).get("/")
        assert answer.status_code == 200
        assert user.first_name in answer.content.decode()


def test_what_has_begun_is_shown_where_nobody_loses_it(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    begun = make_booking(ada, microscope, now - HOUR / 6)
    assert as_user(ada).get("/").context["page"].current == (begun,)


def test_the_first_run_says_what_to_do(as_user: LogIn, ada: User) -> None:
    assert "Your first booking" in as_user(ada).get("/").content.decode()


def test_a_person_with_a_past_is_not_new(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now - 24 * HOUR, status=Status.COMPLETED)
    page = as_user(ada).get("/").content.decode()
    assert "Your first booking" not in page
    assert "Nothing else is booked" in page


def test_what_runs_can_be_started_and_finished(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    running = make_booking(ada, microscope, now - HOUR, 2 * HOUR, status=Status.CHECKED_IN)
    due = make_booking(ada, second_microscope, now + timedelta(minutes=10))
    client = as_user(ada)
    page = client.get("/").content.decode()
    assert f"/bookings/{running.public_id}/check-out" in page
    assert f"/bookings/{due.public_id}/check-in" in page
    answer = client.post(f"/bookings/{due.public_id}/check-in", {"next": "/"})
    assert answer["Location"] == "/"
    due.refresh_from_db()
    assert due.status == Status.CHECKED_IN


def test_a_later_booking_cannot_be_started_yet(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    later = make_booking(ada, microscope, now + timedelta(minutes=30))
    page = as_user(ada).get("/").content.decode()
    assert str(later.public_id) in page
    assert "/check-in" not in page


def test_what_needs_me_is_named(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + HOUR, status=Status.PENDING)
    make_notice(chris, now)
    page = as_user(chris).get("/").content.decode()
    assert "1 booking waits for your decision" in page
    assert "1 unread notice" in page
    assert "waits for your decision" not in as_user(ada).get("/").content.decode()


def test_favourites_show_their_state_and_next_free_time(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    FavouriteResource.objects.create(user=ada, resource=microscope)
    make_booking(ben, microscope, now, 2 * HOUR)
    page = as_user(ada).get("/").content.decode()
    assert "Taken until 10:00: Ben" in page
    assert "Free 2 Mar 2026, 10:00" in page


def test_held_time_can_be_booked_or_released(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    hold = Hold.objects.create(
        user=ada,
        resource=microscope,
        start_time=now + HOUR,
        end_time=now + 2 * HOUR,
        expires_at=now + timedelta(minutes=15),
    )
    page = as_user(ada).get("/").content.decode()
    assert f"/holds/{hold.public_id}/release" in page
    assert "Book it" in page


@pytest.mark.parametrize("number", [1, 3])
def test_home_takes_ten_queries(
    as_user: LogIn, ada: User, ben: User, now: datetime, number: int
) -> None:
    for n in range(number):
        resource = make_resource(f"Confocal {n}")
        make_booking(ada, resource, now + timedelta(days=n, hours=2))
        make_booking(ben, resource, now)
        FavouriteResource.objects.create(user=ada, resource=resource)
        make_notice(ada, now)
    client = as_user(ada)
    client.get("/")
    with count_queries(11):
        answer = client.get("/")
    assert len(answer.content) < 60_000


def test_script_in_any_text_stays_text(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    evil = "<script>alert(1)</script>"
    Resource.objects.filter(pk=microscope.pk).update(name=evil, location=evil)
    microscope.refresh_from_db()
    make_booking(ada, microscope, now, purpose=evil)
    FavouriteResource.objects.create(user=ada, resource=microscope)
    make_notice(ada, now, title=evil)
    page = as_user(ada).get("/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
