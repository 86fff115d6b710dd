"""No token without the second factor."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from accounts.enums import Role
from accounts.models import User
from accounts.services.factor_rules import set_factor_rule
from labitory.lib.clock import now as clock_now
from tests.factories.factors import code_of, give_app, give_passkey
from tests.factories.people import PASSWORD

TOKEN = "/api/v1/auth/token"


def ask(client: Client, **more: str) -> Any:
    body = {"username": "ada", "password": PASSWORD, **more}
    return client.post(TOKEN, json.dumps(body), content_type="application/json")


def problem_of(answer: Any) -> tuple[int, str, str]:
    found = answer.json()["errors"][0]
    return answer.status_code, found["code"], found.get("field", "")


def test_a_code_is_needed_and_works_once(client: Client, ada: User) -> None:
    app, codes = give_app(ada, clock_now())
    assert problem_of(ask(client)) == (401, "factor.required", "code")
    assert problem_of(ask(client, code="abcde-fghij")) == (401, "factor.wrong", "code")
    code = code_of(app, clock_now())
    assert ask(client, code=code).status_code == 200
    assert problem_of(ask(client, code=code)) == (401, "factor.wrong", "code")
    assert ask(client, code=codes[0]).status_code == 200


def test_the_wrong_password_tells_nothing_of_a_factor(client: Client, ada: User) -> None:
    give_app(ada, clock_now())
    assert problem_of(ask(client, password="wrong")) == (401, "request.authentication_failed", "")


def test_with_a_passkey_alone_a_backup_code_buys_a_token(client: Client, ada: User) -> None:
    give_passkey(ada, clock_now())
    assert problem_of(ask(client)) == (401, "factor.required", "code")


def refresh(client: Client, token: str) -> Any:
    body = json.dumps({"refresh": token})
    return client.post(f"{TOKEN}/refresh", body, content_type="application/json")


def test_a_token_from_before_the_factor_is_renewed_no_more(client: Client, ada: User) -> None:
    old = ask(client).json()["data"]["refresh"]
    assert refresh(client, old).status_code == 200
    app, _codes = give_app(ada, clock_now())
    assert problem_of(refresh(client, old)) == (401, "factor.required", "")
    new = ask(client, code=code_of(app, clock_now())).json()["data"]["refresh"]
    assert refresh(client, new).status_code == 200


def test_who_owes_a_factor_gets_no_token(client: Client, ada: User, dora: User) -> None:
    tokens = ask(client).json()["data"]
    long_ago: datetime = clock_now() - timedelta(days=30)
    User.objects.update(date_joined=long_ago)
    set_factor_rule(actor=dora, role=Role.STUDENT, grace_days=14, now=long_ago)
    assert problem_of(ask(client)) == (401, "factor.overdue", "")
    assert problem_of(refresh(client, tokens["refresh"])) == (401, "factor.overdue", "")
    set_factor_rule(actor=dora, role=Role.STUDENT, grace_days=60, now=long_ago)
    assert ask(client).status_code == 200
