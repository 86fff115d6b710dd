"""Changing and resetting passwords in the browser."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from accounts.services.passwords import password_reset_link
from labitory.lib.clock import now as moment
from tests.conftest import LogIn
from tests.factories.people import PASSWORD
from tests.support.queries import count_queries

NEW = "another-horse-battery"
CHANGE = "/accounts/password"
RESET = "/accounts/password/reset"
Heard = list[tuple[int, datetime]]


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_everybody_changes_their_password(cast: dict[str, User], as_user: LogIn, name: str) -> None:
    other = Client()
    other.force_login(cast[name])
    client = as_user(cast[name])
    assert client.get(CHANGE).status_code == 200
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    response = client.post(CHANGE, data)
    assert (response.status_code, response["Location"]) == (302, "/accounts/profile")
    assert User.objects.get(pk=cast[name].pk).check_password(NEW)
    assert client.get("/accounts/profile").status_code == 200
    assert other.get("/accounts/profile").status_code == 302


@pytest.mark.parametrize(
    "data",
    [
        {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW},
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": "x"},
        {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"},
        {},
    ],
)
def test_wrong_change_changes_nothing(ada: User, as_user: LogIn, data: dict[str, str]) -> None:
    assert as_user(ada).post(CHANGE, data).status_code == 422
    assert User.objects.get(pk=ada.pk).check_password(PASSWORD)


def test_visitors_are_sent_to_log_in(client: Client, db: None) -> None:
    response = client.get(CHANGE)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login?next={CHANGE}")


def test_guessing_the_old_password_is_stopped(ada: User, as_user: LogIn, settings: object) -> None:
    settings.RATE_LOGIN = "2/m"  # type: ignore[attr-defined]
    codes = [as_user(ada).post(CHANGE, {"old_password": "x"}).status_code for _n in range(3)]
    assert codes == [422, 422, 429]


def test_reset_from_the_request_to_the_new_password(
    ada: User, client: Client, reset_requests: Heard
) -> None:
    assert client.get(RESET).status_code == 200
    response = client.post(RESET, {"email": "Ada@Example.org"})
    assert (response.status_code, response["Location"]) == (302, f"{RESET}/sent")
    assert [pk for pk, _at in reset_requests] == [ada.pk]
    assert client.get(f"{RESET}/sent").status_code == 200

    link = password_reset_link(ada).removeprefix("http://127.0.0.1:8000")
    response = client.get(link, follow=True)
    form_at = response.redirect_chain[-1][0]
    # The token is out of the address before the page is shown.
    assert form_at.endswith("/set-password")
    weak = client.post(form_at, {"new_password1": "ada", "new_password2": "ada"})
    assert weak.status_code == 422
    done = client.post(form_at, {"new_password1": NEW, "new_password2": NEW})
    assert (done.status_code, done["Location"]) == (302, f"{RESET}/done")
    assert client.get(f"{RESET}/done").status_code == 200
    assert User.objects.get(pk=ada.pk).check_password(NEW)

    again = Client().get(link)
    assert again.context["validlink"] is False
    old_form = client.post(form_at, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert old_form.context["validlink"] is False
    assert User.objects.get(pk=ada.pk).check_password(NEW)


@pytest.mark.parametrize("path", [f"{RESET}/x/y", f"{RESET}/MQ/abc-def", f"{RESET}/%00/%00"])
def test_invented_link_is_told_kindly(db: None, client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.context["validlink"] is False


def test_answer_is_the_same_for_unknown_addresses(
    ada: User, client: Client, reset_requests: Heard
) -> None:
    known = client.post(RESET, {"email": "ada@example.org"})
    unknown = client.post(RESET, {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(reset_requests) == 1


def test_too_many_requests_for_links_are_stopped(
    ada: User, client: Client, settings: object, reset_requests: Heard
) -> None:
    settings.RATE_PASSWORD_RESET = "2/h"  # type: ignore[attr-defined]
    codes = [client.post(RESET, {"email": "ada@example.org"}).status_code for _n in range(3)]
    assert codes == [302, 302, 429]
    assert len(reset_requests) == 2


def test_address_must_be_one(db: None, client: Client, reset_requests: Heard) -> None:
    for email in ("", "ada", "a\x00@example.org"):
        assert client.post(RESET, {"email": email}).status_code == 422
    assert reset_requests == []


def test_pages_ask_the_database_little(ada: User, client: Client) -> None:
    with count_queries(0):
        client.get(RESET)
    with count_queries(4):
        client.post(RESET, {"email": "ada@example.org"})


def check(client: Client, **fields: str) -> str:
    """What the site says of a password as it is typed."""
    answer = client.post("/accounts/password/check", fields)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("short", "too short"),
        ("1234567890123", "entirely numeric"),
        ("password123", "too common"),
        ("horse-bat1", "Accepted"),
        ("horse-battery-", "Good"),
        ("correct-horse-battery-staple", "Very good"),
    ],
)
def test_what_is_said_while_typing(db: None, client: Client, typed: str, said: str) -> None:
    page = check(client, new_password1=typed)
    assert said in page
    assert f'"{typed}"' not in page
    assert said in check(client, password=typed)


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_the_password_is_compared_with_who_types(
    cast: dict[str, User], as_user: LogIn, name: str
) -> None:
    client = as_user(cast[name])
    assert "too similar" in check(client, new_password1=f"{name}@example.org")
    assert "Very good" in check(Client(), new_password1=f"{name}@example.org-horse")
    assert "too similar" in check(
        Client(), password="fay.miller-1", username="fay.miller", email="", first_name=""
    )


def test_nothing_typed_is_nothing_said(db: None, client: Client) -> None:
    for fields in ({}, {"new_password1": ""}, {"new_password1": "x\x00"}, {"password": "x" * 5000}):
        page = check(client, **fields)
        assert "<meter" not in page
        assert "<li" not in page
    assert client.get("/accounts/password/check").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/accounts/password/check", {"password": "x"}).status_code == 403


def test_typing_asks_no_history_and_little_else(ada: User, as_user: LogIn) -> None:
    client = as_user(ada)
    with count_queries(1):
        assert "Very good" in check(client, new_password1=PASSWORD)
    page = client.get(CHANGE).content.decode()
    assert page.count('hx-post="/accounts/password/check"') == 1
    assert page.count('id="password-feedback"') == 1
    data = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    answer = client.post(CHANGE, data)
    assert answer.status_code == 422
    assert "last 5" in answer.content.decode()


AGE = timedelta(days=91)


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_an_old_password_is_changed_before_anything_else(
    cast: dict[str, User], as_user: LogIn, settings: LazySettings, name: str
) -> None:
    User.objects.update(date_joined=moment() - AGE)
    client = as_user(cast[name])
    assert client.get("/accounts/profile").status_code == 200
    settings.PASSWORD_MAX_DAYS = 90
    for path in ("/accounts/profile", "/", "/calendar?day=2026-03-02"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, CHANGE)
    assert client.post("/accounts/profile", {}).status_code == 302
    assert client.get("/api/v1/bookings").status_code == 403
    assert "90 days" in client.get(CHANGE).content.decode()
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(CHANGE, data)["Location"] == "/accounts/profile"
    assert client.get("/accounts/profile").status_code == 200
    assert client.get("/api/v1/bookings").status_code == 200


def test_who_has_an_old_password_may_leave_and_a_young_one_need_not_change(
    ada: User, ben: User, as_user: LogIn, settings: LazySettings
) -> None:
    settings.PASSWORD_MAX_DAYS = 90
    User.objects.update(date_joined=moment() - AGE)
    User.objects.filter(pk=ben.pk).update(password_changed_at=moment())
    assert as_user(ben).get("/accounts/profile").status_code == 200
    assert as_user(ada).post("/accounts/logout")["Location"] == "/accounts/login"


def test_who_has_no_password_has_no_old_one(
    ada: User, as_user: LogIn, settings: LazySettings
) -> None:
    settings.PASSWORD_MAX_DAYS = 90
    ada.set_unusable_password()
    ada.date_joined = moment() - AGE
    ada.save()
    assert as_user(ada).get("/accounts/profile").status_code == 200


def test_an_old_password_buys_no_token(ada: User, client: Client, settings: LazySettings) -> None:
    settings.PASSWORD_MAX_DAYS = 90
    User.objects.update(date_joined=moment() - AGE)
    body = {"username": "ada", "password": PASSWORD}
    answer = client.post("/api/v1/auth/token", body, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "password.too_old"
