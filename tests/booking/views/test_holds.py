"""Keeping time for a few minutes, from the booking form."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from booking.models import Booking, Hold, Resource, ResourceCalendar
from tests.conftest import LogIn
from tests.factories.bookings import make_booking

pytestmark = pytest.mark.usefixtures("frozen_clock")
FORM = {"start_time": "2026-03-02T10:00", "end_time": "2026-03-02T11:00"}


def test_anonymous_is_sent_to_the_login(client: Client, db: None) -> None:
    assert "/accounts/login" in client.post("/holds/new", FORM)["Location"]


def test_time_is_kept_and_the_form_comes_back(
    as_user: LogIn, ada: User, microscope: Resource
) -> None:
    answer = as_user(ada).post(
        "/holds/new", {**FORM, "resource": microscope.code, "purpose": "Cells"}, follow=True
    )
    hold = Hold.objects.get()
    assert hold.user == ada
    page = answer.content.decode()
    assert "Kept for you until 08:15" in page
    assert 'value="2026-03-02T10:00"' in page
    assert 'value="Cells"' in page


def test_a_kept_time_becomes_a_booking(as_user: LogIn, ada: User, microscope: Resource) -> None:
    client = as_user(ada)
    form = {**FORM, "resource": microscope.code}
    client.post("/holds/new", form)
    assert client.post("/bookings/new", form).status_code == 302
    assert Booking.objects.count() == 1


def test_a_taken_time_cannot_be_kept(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + timedelta(hours=2))
    claims = ResourceCalendar.objects.count()
    answer = as_user(ada).post("/holds/new", {**FORM, "resource": microscope.code}, follow=True)
    assert "is taken" in answer.content.decode()
    assert not Hold.objects.exists()
    assert ResourceCalendar.objects.count() == claims


@pytest.mark.parametrize(
    "change",
    [
        {"resource": "nothing"},
        {"resource": ""},
        {"start_time": "soon"},
        {"start_time": "2026-03-29T02:30"},
        {"end_time": "2026-03-02T10:00"},
        {"start_time": "9999-12-31T23:59"},
        {"resource": "\x00"},
    ],
)
def test_bad_input_is_told_and_keeps_nothing(
    as_user: LogIn, ada: User, microscope: Resource, change: dict[str, str]
) -> None:
    form = {**FORM, "resource": microscope.code, **change}
    answer = as_user(ada).post("/holds/new", form, follow=True)
    assert answer.status_code in {200, 422}
    assert not Hold.objects.exists()


def test_only_the_holder_releases(
    as_user: LogIn, ada: User, ben: User, microscope: Resource
) -> None:
    as_user(ada).post("/holds/new", {**FORM, "resource": microscope.code})
    address = f"/holds/{Hold.objects.get().public_id}/release"
    assert as_user(ben).post(address).status_code == 404
    assert Hold.objects.exists()
    assert as_user(ada).get(address).status_code == 405
    assert as_user(ada).post(address).status_code == 302
    assert not ResourceCalendar.objects.exists()
    assert as_user(ada).post(address).status_code == 404
