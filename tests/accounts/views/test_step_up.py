"""Who is about to do something dangerous shows again who they are, and loses nothing by it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from webauthn import base64url_to_bytes

from accounts.models import FactorRule, User
from accounts.proofs import PROOF
from booking.models import ResourceType
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn
from tests.factories.factors import code_of, give_app, give_passkey
from tests.factories.people import PASSWORD

SET = "/accounts/security/factors/set"
RULE = {"role": "student", "grace_days": "9"}
ASKS = "Confirm that it is you"


@pytest.fixture
def stale(as_user: LogIn, dora: User) -> Client:
    """Dora, who logged in half an hour ago."""
    client = as_user(dora)
    age(client)
    return client


def age(client: Client, **changes: Any) -> None:
    session = client.session
    at = clock_now() - timedelta(minutes=30)
    session[PROOF] = {**session[PROOF], "at": at.isoformat(), **changes}
    session.save()


def hidden(answer: Any) -> dict[str, str]:
    """The hidden fields of the page that asks."""
    page = answer.content.decode()
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', page)
    return {unescape(name): unescape(value) for name, value in found}


def test_fresh_from_the_login_nobody_is_asked(as_user: LogIn, dora: User) -> None:
    assert as_user(dora).post(SET, RULE).status_code == 302
    assert FactorRule.objects.get().grace_days == 9


def test_what_was_posted_goes_on_with_the_proof(stale: Client) -> None:
    asked = stale.post(SET, RULE)
    assert asked.status_code == 422
    assert ASKS in asked.content.decode()
    assert "no-store" in asked["Cache-Control"]
    assert not FactorRule.objects.exists()
    kept = hidden(asked)
    assert {name: kept[name] for name in RULE} == RULE
    wrong = stale.post(SET, {**kept, "proof-password": "guess"})
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.content.decode()
    assert not FactorRule.objects.exists()
    kept = hidden(wrong)
    assert stale.post(SET, {**kept, "proof-password": PASSWORD}).status_code == 302
    assert FactorRule.objects.get().grace_days == 9
    # For ten minutes from now.
    assert stale.post(SET, {**RULE, "grace_days": "3"}).status_code == 302


def test_several_values_of_one_field_all_wait(stale: Client) -> None:
    asked = stale.post(SET, {"role": ["student", "academic"], "quote": '"><b>x</b>'})
    page = asked.content.decode()
    assert page.count('name="role"') == 2
    assert "<b>x</b>" not in page


def test_with_a_factor_the_password_is_not_enough(as_user: LogIn, dora: User) -> None:
    _app, codes = give_app(dora, clock_now())
    stale = as_user(dora)
    asked = stale.post(SET, RULE)
    assert 'name="proof-password"' not in asked.content.decode()
    assert stale.post(SET, {**RULE, "proof-password": PASSWORD}).status_code == 422
    assert stale.post(SET, {**RULE, "proof-code": "000000"}).status_code == 422
    assert not FactorRule.objects.exists()
    assert stale.post(SET, {**RULE, "proof-code": codes[0]}).status_code == 302
    assert FactorRule.objects.get().grace_days == 9


def test_logged_in_without_the_factor_it_is_asked_for(as_user: LogIn, dora: User) -> None:
    app, _codes = give_app(dora, clock_now())
    client = as_user(dora)
    assert client.post(SET, RULE).status_code == 422
    code = code_of(app, clock_now())
    assert client.post(SET, {**RULE, "proof-code": code}).status_code == 302
    age(client)
    assert client.post(SET, RULE).status_code == 422


def test_a_passkey_is_a_proof(as_user: LogIn, dora: User) -> None:
    key = give_passkey(dora, clock_now())
    stale = as_user(dora)
    stale.post(SET, RULE)
    options = stale.post("/accounts/login/passkey/options").json()
    shown = key.show(base64url_to_bytes(options["challenge"]))
    assert stale.post(SET, {**RULE, "proof-passkey": shown}).status_code == 302
    assert FactorRule.objects.exists()


def test_a_page_that_asks_opens_afterwards(stale: Client) -> None:
    page = "/accounts/factors/passkeys/new"
    asked = stale.get(page)
    assert asked.status_code == 200
    assert ASKS in asked.content.decode()
    proof = {**hidden(asked), "proof-password": PASSWORD}
    answer = stale.post(page, proof)
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "Make the passkey" in stale.get(page).content.decode()


def test_a_file_is_chosen_again(stale: Client) -> None:
    file = SimpleUploadedFile("rules.csv", b"a,b")
    asked = stale.post(SET, {**RULE, "file": file})
    assert "choose it again afterwards" in asked.content.decode()
    answer = stale.post(SET, {**hidden(asked), "proof-password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, SET)
    assert not FactorRule.objects.exists()


def test_a_part_of_a_page_is_replaced_by_the_question(stale: Client) -> None:
    asked = stale.post(SET, RULE, headers={"HX-Request": "true"})
    assert (asked["HX-Retarget"], asked["HX-Reselect"]) == ("#main", "#main")


def test_guessing_is_limited(stale: Client, settings: Any) -> None:
    settings.RATE_LOGIN = "3/m"
    wrong = {**RULE, "proof-password": "guess"}
    assert [stale.post(SET, wrong).status_code for _n in range(4)] == [422, 422, 422, 429]


def test_without_any_password_one_logs_in_again(stale: Client, dora: User) -> None:
    dora.set_unusable_password()
    User.objects.filter(pk=dora.pk).update(password=dora.password)
    stale.force_login(dora)
    age(stale)
    assert "Log out and in again" in stale.post(SET, RULE).content.decode()


def test_the_administration_asks_before_changes(stale: Client) -> None:
    add = "/admin/booking/resourcetype/add/"
    assert stale.get(add).status_code == 200
    form = {"name": "Cryostat", "description": "", "colour": "#0072b2"}
    asked = stale.post(add, form)
    assert asked.status_code == 422
    assert not ResourceType.objects.exists()
    assert stale.post(add, {**hidden(asked), "proof-password": PASSWORD}).status_code in (200, 302)
    assert ASKS not in stale.get(add).content.decode()
    age(stale)
    assert stale.post("/admin/logout/").status_code == 302


def test_a_new_password_needs_the_factor_besides_the_old_one(as_user: LogIn, ada: User) -> None:
    new = "quite-another-horse-41"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    _app, codes = give_app(ada, clock_now())
    client = as_user(ada)
    asked = client.post("/accounts/password", form)
    assert asked.status_code == 422
    kept = hidden(asked)
    assert kept["new_password1"] == new
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    client.post("/accounts/password", {**kept, "proof-code": codes[0]})
    ada.refresh_from_db()
    assert ada.check_password(new)


def test_without_a_factor_the_old_password_is_proof_enough(as_user: LogIn, ada: User) -> None:
    new = "quite-another-horse-41"
    client = as_user(ada)
    age(client)
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/accounts/password", form).status_code == 302
