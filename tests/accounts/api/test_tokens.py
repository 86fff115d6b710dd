"""Tokens for programs."""

import json
from typing import Any

import pytest
from django.forms.models import model_to_dict
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from tests.factories.people import PASSWORD
from tests.support.queries import count_queries

TOKEN = "/api/v1/auth/token"


def send(client: Client, body: Any, path: str = TOKEN, **headers: str) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_password_buys_tokens_that_open_the_interface(client: Client, ada: User) -> None:
    answer = send(client, {"username": "ada", "password": PASSWORD})
    assert answer.status_code == 200
    data = answer.json()["data"]
    bearer = {"Authorization": f"Bearer {data['access']}"}
    assert client.get("/api/v1/bookings", headers=bearer).status_code == 200
    renewed = send(client, {"refresh": data["refresh"]}, f"{TOKEN}/refresh")
    assert renewed.status_code == 200
    bearer = {"Authorization": f"Bearer {renewed.json()['data']['access']}"}
    assert client.get("/api/v1/bookings", headers=bearer).status_code == 200
    actions = list(AuditLog.objects.values_list("action", flat=True))
    assert actions == ["user.token_given"]
    ada.refresh_from_db()
    assert ada.last_login is not None


def test_an_email_address_will_do(client: Client, ada: User) -> None:
    body = {"username": "ADA@example.org", "password": PASSWORD}
    assert send(client, body).status_code == 200


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_wrong_pairs_are_answered_alike_and_kept(client: Client, ada: User, name: str) -> None:
    answer = send(client, {"username": name, "password": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["detail"] == "User name and password do not match."
    kept = AuditLog.objects.get()
    assert kept.action == "user.login_failed"
    assert "wrong" not in str(model_to_dict(kept))


def test_an_inactive_account_gets_none_and_loses_its_own(client: Client, ada: User) -> None:
    data = send(client, {"username": "ada", "password": PASSWORD}).json()["data"]
    User.objects.filter(pk=ada.pk).update(is_active=False)
    bearer = {"Authorization": f"Bearer {data['access']}"}
    assert client.get("/api/v1/bookings", headers=bearer).status_code == 401
    assert send(client, {"refresh": data["refresh"]}, f"{TOKEN}/refresh").status_code == 401
    assert send(client, {"username": "ada", "password": PASSWORD}).status_code == 401


def test_a_new_password_ends_old_tokens(client: Client, ada: User) -> None:
    data = send(client, {"username": "ada", "password": PASSWORD}).json()["data"]
    ada.set_password("another-horse-battery")
    ada.save()
    bearer = {"Authorization": f"Bearer {data['access']}"}
    assert client.get("/api/v1/bookings", headers=bearer).status_code == 401
    assert send(client, {"refresh": data["refresh"]}, f"{TOKEN}/refresh").status_code == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", ""])
def test_nonsense_is_401(client: Client, db: None, token: str) -> None:
    answer = client.get("/api/v1/bookings", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "ada"}, "password"),
        ({"username": ["ada"], "password": "x"}, "username"),
        ({"username": "a\x00", "password": "x"}, "username"),
        ({"username": "ada", "password": "x", "role": "sysadmin"}, "role"),
    ],
)
def test_bad_bodies_are_named(client: Client, db: None, body: Any, field: str) -> None:
    answer = send(client, body)
    assert answer.status_code == 400
    assert field in {problem["field"] for problem in answer.json()["errors"]}


def test_too_many_attempts_are_429(client: Client, ada: User, ben: User, settings: Any) -> None:
    settings.RATE_LOGIN = "3/m"
    codes = [send(client, {"username": "ada", "password": "x"}).status_code for _n in range(4)]
    assert codes == [401, 401, 401, 429]
    blocked = send(client, {"username": "ADA", "password": PASSWORD})
    assert blocked.status_code == 429
    assert int(blocked["Retry-After"]) > 0
    assert blocked.json()["errors"][0]["code"] == "request.throttled"
    assert send(client, {"username": "ben", "password": PASSWORD}).status_code == 200


def test_an_account_is_limited(client: Client, ada: User, settings: Any) -> None:
    settings.RATE_API = "2/day"
    data = send(client, {"username": "ada", "password": PASSWORD}).json()["data"]
    bearer = {"Authorization": f"Bearer {data['access']}"}
    codes = [client.get("/api/v1/bookings", headers=bearer).status_code for _n in range(3)]
    assert codes == [200, 200, 429]


def test_a_session_needs_the_csrf_token_to_write(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert client.get("/api/v1/bookings").status_code == 200
    answer = send(client, {}, "/api/v1/bookings")
    assert (answer.status_code, answer.json()["data"]) == (403, None)


def test_a_token_costs_one_query(client: Client, ada: User) -> None:
    data = send(client, {"username": "ada", "password": PASSWORD}).json()["data"]
    bearer = {"Authorization": f"Bearer {data['access']}"}
    with count_queries(2):
        client.get("/api/v1/bookings", headers=bearer)
