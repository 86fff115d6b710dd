"""A person's own second factors in the browser."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from webauthn import base64url_to_bytes

from accounts.enums import Role
from accounts.models import Authenticator, BackupCode, Passkey, Session, TrustedDevice, User
from accounts.services.factor_resets import ask_factor_reset
from accounts.services.factor_rules import set_factor_rule
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn
from tests.factories.factors import PARTY, code_of, give_app, give_passkey
from tests.support.passkeys import SoftPasskey
from tests.support.queries import count_queries

LIST = "/accounts/factors"
CODE = re.compile(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>")


def proved(client: Client) -> Client:
    """As if the second factor had been shown at the login just now."""
    session = client.session
    session["proof"] = {"kind": "app", "at": clock_now().isoformat()}
    session.save()
    return client


def begin_app(client: Client, user: User) -> tuple[Authenticator, str]:
    answer = client.post(f"{LIST}/apps/new")
    app = Authenticator.objects.get(user=user, confirmed=False)
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}/apps/{app.public_id}")
    return app, answer["Location"]


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_everybody_adds_an_app(as_user: LogIn, cast: dict[str, User], name: str) -> None:
    user = cast[name]
    client = as_user(user)
    app, page = begin_app(client, user)
    shown = client.get(page)
    assert app.key[:4] in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert 'src="data:image/svg+xml' in shown.content.decode()
    assert client.post(page, {"name": "Phone", "code": "000000"}).status_code == 422
    answer = client.post(page, {"name": "Phone", "code": code_of(app, clock_now())})
    assert answer.status_code == 200
    assert len(CODE.findall(answer.content.decode())) == 10
    assert "Phone" in client.get(LIST).content.decode()
    assert client.get(page).status_code == 404


def test_nobody_sees_the_key_of_another(as_user: LogIn, ada: User, eve: User) -> None:
    _app, page = begin_app(as_user(ada), ada)
    client = as_user(eve)
    assert client.get(page).status_code == 404


def test_visitors_log_in_first(client: Client, db: None) -> None:
    for page in (LIST, f"{LIST}/passkeys/new"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login?next={page}")


def test_a_passkey_is_added(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    page = f"{LIST}/passkeys/new"
    options = json.loads(client.post(f"{page}/options").content)
    key = SoftPasskey(rp_id=PARTY.rp_id, origin=PARTY.origin)
    made = key.make(base64url_to_bytes(options["challenge"]))
    answer = client.post(page, {"name": "Laptop", "passkey": made})
    assert len(CODE.findall(answer.content.decode())) == 10
    assert Passkey.objects.get(user=ada).name == "Laptop"
    again = client.post(page, {"name": "Laptop", "passkey": made})
    # The challenge is used up.
    assert again.status_code == 422
    assert client.post(page, {"name": "Laptop"}).status_code == 422
    assert Passkey.objects.count() == 1


def test_on_this_machine_a_passkey_is_for_localhost(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    page = f"{LIST}/passkeys/new/options"
    options = json.loads(client.post(page, headers={"host": "localhost:8134"}).content)
    assert options["rp"]["id"] == "localhost"
    options = json.loads(client.post(page, headers={"host": "evil.example.org"}).content)
    assert options["rp"]["id"] == "127.0.0.1"


def test_a_new_factor_ends_other_sessions(as_user: LogIn, ada: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(ada)
    assert elsewhere.get(LIST).status_code == 200
    client = as_user(ada)
    app, page = begin_app(client, ada)
    client.post(page, {"name": "Phone", "code": code_of(app, clock_now())})
    assert client.get(LIST).status_code == 200
    assert elsewhere.get(LIST).status_code == 302
    assert Session.objects.filter(user=ada).count() == 1


def test_new_codes_are_shown_once(as_user: LogIn, ada: User) -> None:
    give_app(ada, clock_now())
    client = proved(as_user(ada))
    answer = client.post(f"{LIST}/codes/new")
    assert len(CODE.findall(answer.content.decode())) == 10
    assert "no-store" in answer["Cache-Control"]
    assert BackupCode.objects.filter(user=ada).count() == 10
    assert "10 codes are left." in client.get(LIST).content.decode()


def test_a_device_is_renamed_and_removed(as_user: LogIn, ada: User, eve: User) -> None:
    app, _codes = give_app(ada, clock_now())
    page = f"{LIST}/{app.public_id}"
    client = proved(as_user(eve))
    assert client.get(page).status_code == 404
    client.post(f"{page}/remove")
    assert Authenticator.objects.filter(pk=app.pk).exists()
    client = proved(as_user(ada))
    assert client.post(page, {"name": ""}).status_code == 422
    assert client.post(page, {"name": "Old phone"}).status_code == 302
    assert "Old phone" in client.get(LIST).content.decode()
    client.post(f"{page}/remove")
    assert not Authenticator.objects.exists()


def test_the_last_one_stays_where_it_is_required(as_user: LogIn, ada: User, dora: User) -> None:
    app, _codes = give_app(ada, clock_now())
    set_factor_rule(actor=dora, role=Role.STUDENT, grace_days=0, now=clock_now())
    client = proved(as_user(ada))
    page = f"{LIST}/{app.public_id}"
    assert "add another first" in client.get(page).content.decode()
    answer = client.post(f"{page}/remove", follow=True)
    assert "add another one first" in answer.content.decode()
    assert Authenticator.objects.filter(pk=app.pk).exists()


def test_in_the_grace_every_page_reminds(as_user: LogIn, ada: User, dora: User) -> None:
    set_factor_rule(actor=dora, role=Role.STUDENT, grace_days=14, now=clock_now())
    client = as_user(ada)
    assert "Your role needs a second factor from" in client.get("/").content.decode()
    assert client.get("/bookings").status_code == 200
    assert "Your role needs" not in as_user(dora).get("/").content.decode()


def test_after_the_grace_only_the_way_to_a_factor_is_open(
    as_user: LogIn, ada: User, dora: User
) -> None:
    long_ago = clock_now() - timedelta(days=30)
    User.objects.update(date_joined=long_ago)
    set_factor_rule(actor=dora, role=Role.STUDENT, grace_days=14, now=long_ago)
    client = as_user(ada)
    for page in ("/", "/bookings", "/accounts/profile", "/accounts/password", "/bookings/new"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, LIST), page
    refused = client.get("/api/v1/bookings")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "factor.required")
    app, page = begin_app(client, ada)
    assert "everything else opens then" in client.get(page).content.decode()
    client.post(page, {"name": "Phone", "code": code_of(app, clock_now())})
    assert client.get("/").status_code == 200
    assert client.post("/accounts/logout").status_code == 302


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_more(as_user: LogIn, ada: User, number: int) -> None:
    for name in range(number):
        give_app(ada, clock_now(), name=f"Phone {name}")
        give_passkey(ada, clock_now(), name=f"Key {name}")
        TrustedDevice.objects.create(
            user=ada,
            token_hash=f"{name}" * 64,
            name="Firefox",
            asks_factor=False,
            added_at=clock_now(),
            used_at=clock_now(),
            expires_at=clock_now() + timedelta(days=3),
        )
    client = as_user(ada)
    client.get(LIST)
    with count_queries(LIST_QUERIES):
        page = client.get(LIST).content.decode()
    assert page.count("Trust no longer") == number


# The person, a word to the wall, apps, passkeys, codes, browsers, rule, reset, the menu's counts.
LIST_QUERIES = 9


def test_the_owner_refuses_a_reset(as_user: LogIn, ada: User, eve: User, dora: User) -> None:
    give_app(ada, clock_now())
    reset = ask_factor_reset(actor=dora, user=ada, reason="Lost phone", now=clock_now())
    page = f"{LIST}/reset/{reset.public_id}/refuse"
    as_user(eve).post(page)
    reset.refresh_from_db()
    assert reset.withdrawn_at is None
    client = as_user(ada)
    assert "Dora asked to remove all your second factors" in client.get(LIST).content.decode()
    client.post(page)
    reset.refresh_from_db()
    assert reset.withdrawn_at is not None


def test_a_password_reset_leaves_the_factors(client: Client, ada: User) -> None:
    from accounts.services.passwords import password_reset_link

    give_app(ada, clock_now())
    path = password_reset_link(ada).split("8000", 1)[1]
    page: Any = client.get(path)["Location"]
    new = "quite-another-horse-41"
    answer = client.post(page, {"new_password1": new, "new_password2": new})
    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session
    assert Authenticator.objects.filter(user=ada, confirmed=True).exists()
    answer = client.post("/accounts/login", {"username": "ada", "password": new})
    assert answer["Location"].startswith("/accounts/login/factor")
