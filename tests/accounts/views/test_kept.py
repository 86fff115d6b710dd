"""A form that is sent after its session has ended."""

import json
import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from booking.models import Booking, Resource
from labitory.lib.crypto import decrypt
from tests.factories.people import PASSWORD

LOGIN = "/accounts/login"
TOKEN = {"csrfmiddlewaretoken": "x" * 64}
LOG_IN = {"username": "ada", "password": PASSWORD}
PURPOSE = 'Two "hours" of <careful> typing'


@pytest.fixture
def typed(microscope: Resource) -> dict[str, str]:
    """What somebody typed into the form for a booking."""
    return {
        **TOKEN,
        "resource": microscope.code,
        "start_time": "2026-03-02T10:00",
        "end_time": "2026-03-02T11:00",
        "purpose": PURPOSE,
        "notes": "one\ntwo",
    }


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page, without its token."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found if name not in TOKEN}


@pytest.mark.usefixtures("weekday_hours")
def test_it_is_kept_over_the_log_in_and_sent_again(
    client: Client,
    ada: User,
    typed: dict[str, str],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    asked = client.post("/bookings/new", typed)
    assert asked.status_code == 302
    page = client.get(asked["Location"]).content.decode()
    assert "What you typed is kept" in page
    assert client.post(LOGIN, {**LOG_IN, "password": "x"}).status_code == 422
    entered = client.post(asked["Location"], LOG_IN, follow=True)
    page = entered.content.decode()
    assert 'action="/bookings/new"' in page
    again = hidden(page)
    assert again == {name: value for name, value in typed.items() if name not in TOKEN}
    client.post("/bookings/new", again)
    booking = Booking.objects.get()
    assert (booking.user, booking.purpose, booking.notes) == (ada, PURPOSE, "one\ntwo")


def test_it_is_forgotten_after_an_hour(
    client: Client, ada: User, typed: dict[str, str], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    asked = client.post("/bookings/new", typed)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(minutes=61))
    entered = client.post(asked["Location"], LOG_IN, follow=True)
    assert entered.redirect_chain[-1][0] == "/"


@pytest.mark.django_db
def test_passwords_files_and_floods_are_not_kept(client: Client) -> None:
    secret = {**TOKEN, "old_password": "one", "new_password1": "two", "shown": "three"}
    client.post("/accounts/password", secret)
    sealed = client.session["kept_form"]["form"]
    assert "three" not in sealed
    assert json.loads(decrypt(sealed, context="kept_form"))["fields"] == [["shown", "three"]]
    client.session.flush()
    for more in ({"purpose": "x" * 60_000}, {"picture": SimpleUploadedFile("a.png", b"x")}):
        answer = client.post("/bookings/new", {**TOKEN, **more})
        assert answer["Location"] == f"{LOGIN}?next=/bookings/new"
