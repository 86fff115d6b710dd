"""Logging in with a second factor, and by a passkey alone."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from webauthn import base64url_to_bytes

from accounts.models import TrustedDevice, User
from accounts.proofs import PROOF
from audit.models import AuditLog
from labitory.lib.clock import now as clock_now
from tests.factories.factors import code_of, give_app, give_passkey
from tests.factories.people import PASSWORD
from tests.support.passkeys import SoftPasskey

LOGIN, ASK = "/accounts/login", "/accounts/login/factor"
HOME = "/"


def begin(client: Client, goal: str = "/calendar", password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"username": "ada", "password": password, "next": goal})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def challenge_of(client: Client) -> bytes:
    options = client.post("/accounts/login/passkey/options")
    assert options.status_code == 200
    return base64url_to_bytes(json.loads(options.content)["challenge"])


def test_the_password_alone_opens_nothing(client: Client, ada: User) -> None:
    give_app(ada, clock_now())
    answer = begin(client)
    assert (answer.status_code, answer["Location"]) == (302, f"{ASK}?next=%2Fcalendar")
    assert not is_in(client)
    assert client.get("/bookings").status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "Your password is right" in page
    assert 'value="/calendar"' in page


def test_the_code_finishes_the_login(client: Client, ada: User) -> None:
    _app, codes = give_app(ada, clock_now())
    begin(client)
    wrong = client.post(ASK, {"code": "000000", "next": "/calendar"})
    assert wrong.status_code == 422
    assert "This code is wrong" in wrong.content.decode()
    assert not is_in(client)
    # The app waits after a wrong code; a backup code does not.
    answer = client.post(ASK, {"code": codes[0], "next": "/calendar"})
    assert (answer.status_code, answer["Location"]) == (302, "/calendar")
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert client.session[PROOF]["kind"] == "backup_code"
    assert "pending_login" not in client.session
    assert AuditLog.objects.filter(action="user.logged_in", actor_id=ada.pk).count() == 1


@pytest.mark.parametrize(
    "goal", ["https://evil.example.org/", "//evil.example.org", "javascript:x"]
)
def test_it_leads_nowhere_else(client: Client, ada: User, goal: str) -> None:
    app, _codes = give_app(ada, clock_now())
    begin(client)
    answer = client.post(ASK, {"code": code_of(app, clock_now()), "next": goal})
    assert (answer.status_code, answer["Location"]) == (302, HOME)


def test_without_a_password_there_is_no_second_step(client: Client, ada: User) -> None:
    app, _codes = give_app(ada, clock_now())
    answer = client.post(ASK, {"code": code_of(app, clock_now())})
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    assert not is_in(client)


def test_half_a_login_is_soon_over(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _codes = give_app(ada, clock_now())
    begin(client)
    later = clock_now() + timedelta(minutes=11)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    answer = client.post(ASK, {"code": code_of(app, later)})
    assert answer["Location"] == LOGIN
    assert not is_in(client)


def test_a_new_password_ends_half_a_login(client: Client, ada: User) -> None:
    app, _codes = give_app(ada, clock_now())
    begin(client)
    ada.set_password("another-horse-battery")
    ada.save()
    assert client.post(ASK, {"code": code_of(app, clock_now())})["Location"] == LOGIN


def test_many_codes_are_429(client: Client, ada: User, settings: Any) -> None:
    settings.RATE_LOGIN = "3/m"
    give_app(ada, clock_now())
    begin(client)
    found = [client.post(ASK, {"code": "000000"}).status_code for _n in range(4)]
    assert found == [422, 422, 422, 429]


def test_a_trusted_browser_is_spared_the_factor(client: Client, ada: User) -> None:
    app, _codes = give_app(ada, clock_now())
    begin(client)
    client.post(ASK, {"code": code_of(app, clock_now()), "trust": "on"})
    device = TrustedDevice.objects.get(user=ada)
    assert not device.asks_factor
    assert device.expires_at - clock_now() < timedelta(days=30)
    client.post("/accounts/logout")
    assert begin(client)["Location"] == "/calendar"
    assert is_in(client)
    # It is spared the factor, not the proof before a dangerous act.
    assert "Confirm that it is you" in client.post("/accounts/factors/codes/new").content.decode()
    client.post(f"/accounts/factors/browsers/{device.public_id}/forget")
    client.post("/accounts/logout")
    assert begin(client)["Location"].startswith(ASK)


def test_an_untrusted_browser_is_asked_each_time(client: Client, ada: User) -> None:
    app, _codes = give_app(ada, clock_now())
    begin(client)
    client.post(ASK, {"code": code_of(app, clock_now())})
    assert TrustedDevice.objects.get(user=ada).asks_factor
    client.post("/accounts/logout")
    assert begin(client)["Location"].startswith(ASK)


def test_a_passkey_as_the_second_factor(client: Client, ada: User) -> None:
    key = give_passkey(ada, clock_now())
    begin(client)
    answer = client.post(ASK, {"passkey": key.show(challenge_of(client)), "next": "/calendar"})
    assert (answer.status_code, answer["Location"]) == (302, "/calendar")
    assert client.session[PROOF]["kind"] == "passkey"


def test_a_challenge_is_answered_once(client: Client, ada: User) -> None:
    key = give_passkey(ada, clock_now())
    begin(client)
    challenge = challenge_of(client)
    wrong = client.post(ASK, {"passkey": "nonsense"})
    assert wrong.status_code == 422
    assert client.post(ASK, {"passkey": key.show(challenge)}).status_code == 422
    assert not is_in(client)


def test_a_passkey_alone_logs_in(client: Client, ada: User) -> None:
    key = give_passkey(ada, clock_now())
    answer = client.post(
        "/accounts/login/passkey",
        {"passkey": key.show(challenge_of(client)), "next": "/calendar"},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/calendar")
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert client.session[PROOF]["kind"] == "passkey"


@pytest.mark.parametrize("way", ["unknown", "no challenge", "other purpose"])
def test_what_is_no_passkey_of_ours_is_sent_back(client: Client, ada: User, way: str) -> None:
    key = give_passkey(ada, clock_now())
    if way == "unknown":
        key = SoftPasskey(rp_id=key.rp_id, origin=key.origin)
    if way == "other purpose":
        begin(client)
    challenge = b"x" * 32 if way == "no challenge" else challenge_of(client)
    answer = client.post("/accounts/login/passkey", {"passkey": key.show(challenge)})
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    assert not is_in(client)
    assert AuditLog.objects.filter(action="factor.failed").count() == 1


def test_the_administration_has_no_door_of_its_own(client: Client, dora: User, ada: User) -> None:
    give_app(dora, clock_now())
    answer = client.get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer["Location"]) == (302, f"{LOGIN}?next=/admin/")
    client.post("/admin/login/", {"username": "dora", "password": PASSWORD})
    assert not is_in(client)
    client.force_login(ada)
    assert client.get("/admin/login/?next=/admin/").status_code == 403
    client.force_login(dora)
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password"
    assert client.post("/admin/logout/")["Location"] == LOGIN
    assert not is_in(client)
