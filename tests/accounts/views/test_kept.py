"""A form that is sent after its session has ended."""

import re
from datetime import datetime
from html import unescape

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from booking.models import Booking, Resource
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
    page = asked.content.decode()
    assert asked.status_code == 200
    assert "What you typed is kept" in page
    wrong = client.post(LOGIN, {**LOG_IN, "password": "x", "kept": hidden(page)["kept"]})
    assert wrong.status_code == 422
    entered = client.post(LOGIN, {**LOG_IN, "kept": hidden(wrong.content.decode())["kept"]})
    page = entered.content.decode()
    assert 'action="/bookings/new"' in page
    again = hidden(page)
    assert again == {name: value for name, value in typed.items() if name not in TOKEN}
    client.post("/bookings/new", again)
    booking = Booking.objects.get()
    assert (booking.user, booking.purpose, booking.notes) == (ada, PURPOSE, "one\ntwo")


def test_the_log_in_goes_on_when_nothing_was_kept(client: Client, ada: User) -> None:
    for word in ("", "nonsense", signing.dumps({"path": "/", "fields": []})):
        answer = client.post(LOGIN, {**LOG_IN, "kept": word})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        client.logout()


def test_passwords_files_and_floods_are_not_kept(client: Client, db: None) -> None:
    secret = {**TOKEN, "old_password": "one", "new_password1": "two"}
    kept = hidden(client.post("/accounts/password", secret).content.decode())["kept"]
    assert signing.loads(kept, salt="accounts.kept-form")["fields"] == []
    for more in ({"purpose": "x" * 60_000}, {"picture": SimpleUploadedFile("a.png", b"x")}):
        answer = client.post("/bookings/new", {**TOKEN, **more})
        assert answer["Location"] == f"{LOGIN}?next=/bookings/new"
