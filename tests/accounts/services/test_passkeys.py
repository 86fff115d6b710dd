"""Passkeys: what is taken from a browser, and what is not."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from accounts.errors import AccountRefused
from accounts.models import BackupCode, Passkey, User
from accounts.services.factors import Shown, check_person, log_in_by_passkey
from accounts.services.passkeys import (
    Answer,
    Party,
    add_passkey,
    authentication_options,
    registration_options,
)
from accounts.session_store import SessionStore
from tests.factories.factors import CHALLENGE, PARTY, give_passkey
from tests.support.passkeys import SoftPasskey
from tests.support.race import race

OTHER = Party(rp_id="evil.example.org", origin="https://evil.example.org")


def answer(text: str, challenge: bytes = CHALLENGE, party: Party = PARTY) -> Answer:
    return Answer(text=text, challenge=challenge, party=party)


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(AccountRefused) as caught:
        call()
    return caught.value.code


def visitor() -> HttpRequest:
    """A request of a browser that nobody is logged in with."""
    request = RequestFactory().post("/accounts/login/passkey")
    request.session = SessionStore()
    return request


def show(user: User, now: datetime, text: str, **more: Any) -> str:
    return check_person(user=user, shown=Shown(passkey=answer(text, **more)), now=now)


def test_the_options_ask_for_what_is_checked(ada: User, now: datetime) -> None:
    key = give_passkey(ada, now)
    made = json.loads(registration_options(user=ada, party=PARTY, challenge=CHALLENGE))
    assert made["rp"]["id"] == "127.0.0.1"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert len(made["excludeCredentials"]) == 1
    asked = json.loads(authentication_options(user=ada, party=PARTY, challenge=CHALLENGE))
    assert asked["userVerification"] == "required"
    assert len(asked["allowCredentials"]) == 1
    anybody = json.loads(authentication_options(user=None, party=PARTY, challenge=CHALLENGE))
    assert anybody["allowCredentials"] == []
    assert key.credential_id


def test_a_passkey_is_kept_and_shown(ada: User, now: datetime) -> None:
    key = give_passkey(ada, now)
    row = Passkey.objects.get(user=ada)
    assert bytes(row.credential_id) == key.credential_id
    assert row.transports == ["hybrid", "internal"]
    assert BackupCode.objects.filter(user=ada).count() == 10
    assert show(ada, now, key.show(CHALLENGE)) == "passkey"
    row.refresh_from_db()
    assert (row.sign_count, row.used_at) == (1, now)
    assert log_in_by_passkey(request=visitor(), answer=answer(key.show(CHALLENGE)), now=now) == ada


@pytest.mark.parametrize("wrong", ["challenge", "party", "unverified", "nonsense", "empty", "list"])
def test_what_is_wrong_makes_no_passkey(ada: User, now: datetime, wrong: str) -> None:
    key = SoftPasskey(rp_id="127.0.0.1", origin=PARTY.origin, verifies=wrong != "unverified")
    text = {"nonsense": '{"id": 3}', "empty": "", "list": "[]"}.get(wrong) or key.make(CHALLENGE)
    given = answer(
        "" if wrong == "empty" else text,
        challenge=b"x" * 32 if wrong == "challenge" else CHALLENGE,
        party=OTHER if wrong == "party" else PARTY,
    )
    assert refused(lambda: add_passkey(user=ada, name="", answer=given, keep="", now=now)) == (
        "factor.passkey"
    )
    assert not Passkey.objects.exists()


def test_a_passkey_belongs_to_one_account(ada: User, eve: User, now: datetime) -> None:
    key = give_passkey(ada, now)
    again = answer(key.make(CHALLENGE))
    assert refused(lambda: add_passkey(user=eve, name="", answer=again, keep="", now=now)) == (
        "factor.known"
    )


@pytest.mark.parametrize("wrong", ["challenge", "party", "unverified", "other", "handle", "junk"])
def test_what_is_wrong_opens_nothing(ada: User, eve: User, now: datetime, wrong: str) -> None:
    key = give_passkey(ada, now)
    stranger = give_passkey(eve, now)
    if wrong == "unverified":
        key.verifies = False
    if wrong == "handle":
        key.handle = eve.public_id.bytes
    text = {"other": stranger.show(CHALLENGE), "junk": "{"}.get(wrong) or key.show(CHALLENGE)
    changed: dict[str, dict[str, Any]] = {
        "challenge": {"challenge": b"y" * 32},
        "party": {"party": OTHER},
    }
    more = changed.get(wrong, {})
    assert refused(lambda: show(ada, now, text, **more)) == "factor.passkey"
    if wrong != "other":
        given = answer(text, **more)
        assert (
            refused(lambda: log_in_by_passkey(request=visitor(), answer=given, now=now))
            == "factor.passkey"
        )


def test_a_copied_key_shows_by_its_count(ada: User, now: datetime) -> None:
    key = give_passkey(ada, now)
    assert show(ada, now, key.show(CHALLENGE)) == "passkey"
    copied = key.show(CHALLENGE, counts=False)
    assert refused(lambda: show(ada, now, copied)) == "factor.passkey"


def test_a_closed_account_stays_closed(ada: User, now: datetime) -> None:
    key = give_passkey(ada, now)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    given = answer(key.show(CHALLENGE))
    assert (
        refused(lambda: log_in_by_passkey(request=visitor(), answer=given, now=now))
        == "factor.passkey"
    )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_answer_one_gets_in(ada: User, now: datetime) -> None:
    key = give_passkey(ada, now)
    given = answer(key.show(CHALLENGE))
    found = race([lambda: log_in_by_passkey(request=visitor(), answer=given, now=now)] * 6)
    assert len([each for each in found if isinstance(each, User)]) == 1
