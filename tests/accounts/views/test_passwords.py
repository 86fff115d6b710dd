"""Changing and resetting passwords in the browser."""

from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from accounts.services.passwords import password_reset_link
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
    with count_queries(3):
        client.post(RESET, {"email": "ada@example.org"})
