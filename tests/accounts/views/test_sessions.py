"""Logging in and out in the browser."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.demo import DEMO_PASSWORD
from accounts.models import User
from audit.models import AuditLog
from labitory.lib.caches import ForgivingClient
from tests.factories.people import PASSWORD, make_user
from tests.support.queries import count_queries

LOGIN = "/accounts/login"


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_everybody_logs_in_and_out(cast: dict[str, User], client: Client, name: str) -> None:
    response = client.post(LOGIN, {"username": name.upper(), "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, reverse("booking:home"))
    assert client.session["_auth_user_id"] == str(cast[name].pk)
    response = client.post("/accounts/logout")
    assert (response.status_code, response["Location"]) == (302, LOGIN)
    assert "_auth_user_id" not in client.session
    logs = AuditLog.objects.order_by("pk").values_list("action", "actor_id", "address")
    person = cast[name].pk
    assert list(logs) == [
        ("user.logged_in", person, "127.0.0.1"),
        ("user.logged_out", person, "127.0.0.1"),
    ]


def test_log_in_by_address(ada: User, client: Client) -> None:
    response = client.post(LOGIN, {"username": "ADA@example.org", "password": PASSWORD})
    assert response.status_code == 302


def test_failure_tells_nothing_about_the_account(ada: User, eve: User, client: Client) -> None:
    User.objects.filter(pk=eve.pk).update(is_active=False)
    pages = []
    for name, password in (("ada", "wrong"), ("nobody", "wrong"), ("eve", PASSWORD)):
        response = client.post(LOGIN, {"username": name, "password": password})
        assert response.status_code == 422
        text = re.sub(r'value="[^"]*"', "", response.content.decode())
        pages.append(text)
    assert pages[0] == pages[1] == pages[2]
    assert "Please enter a correct" in pages[0]


def test_failures_are_kept_without_what_was_typed(ada: User, client: Client) -> None:
    client.post(LOGIN, {"username": "ada", "password": "secret-guess"})
    client.post(LOGIN, {"username": "my-password-by-mistake", "password": "x"})
    known, unknown = AuditLog.objects.order_by("pk")
    assert (known.action, known.object_name, known.actor_id) == ("user.login_failed", "Ada", None)
    assert (unknown.action, unknown.object_name) == ("user.login_failed", "?")
    for log in (known, unknown):
        assert log.changes == log.facts == {}


def test_known_and_unknown_names_do_the_same_work(ada: User, client: Client) -> None:
    counts = []
    for name in ("ada", "nobody"):
        with count_queries() as counted:
            client.post(LOGIN, {"username": name, "password": "wrong"})
        counts.append(len(counted))
    assert counts == [7, 7]


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/calendar?day=2026-03-02", "/calendar?day=2026-03-02"),
        ("https://evil.example/", "/"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/accounts/login", "/"),
    ],
)
def test_only_addresses_of_this_site_are_gone_to(
    ada: User, client: Client, target: str, place: str
) -> None:
    response = client.post(LOGIN, {"username": "ada", "password": PASSWORD, "next": target})
    assert (response.status_code, response["Location"]) == (302, place)


def test_who_is_logged_in_is_sent_on(ada: User, client: Client) -> None:
    client.force_login(ada)
    for query in ("", "?next=/accounts/login"):
        response = client.get(f"{LOGIN}{query}")
        assert (response.status_code, response["Location"]) == (302, "/")


def test_too_many_attempts_are_stopped_by_account(
    ada: User, ben: User, client: Client, settings: object
) -> None:
    settings.RATE_LOGIN = "3/m"  # type: ignore[attr-defined]
    for name in ("ada", "ADA", " ada"):
        assert client.post(LOGIN, {"username": name, "password": "x"}).status_code == 422
    response = client.post(LOGIN, {"username": "ada", "password": PASSWORD})
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert client.get(LOGIN).status_code == 200
    assert client.post(LOGIN, {"username": "ben", "password": PASSWORD}).status_code == 302


def test_guessing_through_many_names_is_stopped_by_address(
    ada: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [
        client.post(LOGIN, {"username": f"n{number}", "password": ""}).status_code
        for number in range(121)
    ]
    assert codes == [422] * 120 + [429]


def test_nobody_is_stopped_when_the_counter_fails(
    ada: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(*_asked: object, **_more: object) -> bool:
        return False

    def fail(*_asked: object, **_more: object) -> int:
        raise ValueError("Key not found.")

    monkeypatch.setattr(ForgivingClient, "add", known)
    monkeypatch.setattr(ForgivingClient, "incr", fail)
    answer = client.post(LOGIN, {"username": "ada", "password": PASSWORD})
    assert answer.status_code == 302


def test_logout_is_by_post_only(ada: User, client: Client) -> None:
    client.force_login(ada)
    assert client.get("/accounts/logout").status_code == 405
    assert "_auth_user_id" in client.session


def test_forms_are_protected(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(LOGIN, {"username": "ada", "password": PASSWORD}).status_code == 403


def test_an_old_page_is_told_from_a_forbidden_one(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    answer = client.post("/bookings/new", {"csrfmiddlewaretoken": "x" * 64})
    assert answer.status_code == 403
    assert "This page was too old to be sent" in answer.content.decode()
    assert "You may not open" not in answer.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"username": "ada\x00", "password": "x"},
        {"username": "x" * 10_000, "password": "x" * 10_000},
        {"username": "ada", "password": "x\x00"},
        {"username": "🧪@🧪", "password": "🧪"},
    ],
)
def test_absurd_input_is_refused(ada: User, client: Client, data: dict[str, str]) -> None:
    assert client.post(LOGIN, data).status_code == 422


def test_demo_cast_is_shown_and_works_only_in_development(
    db: None, client: Client, settings: object
) -> None:
    demo = make_user("ada")
    demo.set_password(DEMO_PASSWORD)
    demo.save()
    assert DEMO_PASSWORD not in client.get(LOGIN).content.decode()
    data = {"username": "ada", "password": DEMO_PASSWORD}
    assert client.post(LOGIN, data).status_code == 422
    settings.DEMO_LOGINS = True  # type: ignore[attr-defined]
    page = client.get(LOGIN).content.decode()
    assert DEMO_PASSWORD in page
    for name in ("ada", "ben", "chris", "dora", "eve"):
        assert f"<code>{name}</code>" in page
    assert client.post(LOGIN, data).status_code == 302


def test_login_page_asks_the_database_nothing(db: None, client: Client) -> None:
    with count_queries(0):
        assert client.get(LOGIN).status_code == 200
