"""Who has lost everything: one asks, another agrees, and the owner hears of both."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import Authenticator, BackupCode, FactorReset, Passkey, TrustedDevice, User
from accounts.queries.factors import has_factor, own_reset, past_resets, waiting_resets
from accounts.services.factor_resets import (
    agree_factor_reset,
    ask_factor_reset,
    withdraw_factor_reset,
)
from audit.models import AuditLog, SecurityEvent
from tests.factories.factors import give_app, give_passkey
from tests.support.race import race


@pytest.fixture
def second(chris: User) -> User:
    """Another system administrator."""
    chris.role = Role.SYSADMIN
    chris.save(update_fields=["role"])
    return chris


@pytest.fixture
def lost(ada: User, now: datetime) -> User:
    """Ada, who has lost everything she had."""
    give_app(ada, now)
    give_passkey(ada, now)
    return ada


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(AccountRefused) as caught:
        call()
    return caught.value.code


def ask(actor: User, user: User, now: datetime, reason: str = "Came with her card") -> FactorReset:
    return ask_factor_reset(actor=actor, user=user, reason=reason, now=now)


def test_two_people_take_everything_away(
    lost: User, dora: User, second: User, now: datetime, told: list[tuple[str, int]]
) -> None:
    TrustedDevice.objects.create(
        user=lost,
        token_hash="x" * 64,
        name="Firefox",
        asks_factor=False,
        added_at=now,
        used_at=now,
        expires_at=now + timedelta(days=30),
    )
    reset = ask(dora, lost, now)
    assert has_factor(lost)
    assert list(waiting_resets(now)) == [reset]
    assert own_reset(lost, now) == reset
    agree_factor_reset(actor=second, reset_id=reset.public_id, now=now)
    assert not has_factor(lost)
    for kind in (Authenticator, Passkey, BackupCode):
        assert not kind.objects.filter(user=lost).exists()
    assert TrustedDevice.objects.get(user=lost).asks_factor
    assert [each for each in told if each[0].startswith("account.factor")] == [
        ("account.factor_reset_asked", lost.pk),
        ("account.factor_reset", lost.pk),
    ]
    kept = AuditLog.objects.get(action="factor.reset")
    assert (kept.actor_id, kept.reason) == (second.pk, "Came with her card")
    assert SecurityEvent.objects.filter(kind="factor.reset", user_id=lost.pk).count() == 1
    assert list(past_resets(now)) == [reset]


def test_neither_who_asked_nor_the_owner_agrees(
    dora: User, second: User, ada: User, ben: User, now: datetime
) -> None:
    give_app(dora, now)
    reset = ask(second, dora, now)
    for actor in (second, dora, ada, ben):
        call = partial(agree_factor_reset, actor=actor, reset_id=reset.public_id, now=now)
        assert refused(call) == "factor.agree"
    assert has_factor(dora)


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "eve"])
def test_only_whoever_looks_after_security_asks(
    cast: dict[str, User], now: datetime, who: str
) -> None:
    assert refused(partial(ask, cast[who], cast["dora"], now)) == "factor.reset"
    assert not FactorReset.objects.exists()


def test_nobody_asks_for_their_own(dora: User, now: datetime) -> None:
    assert refused(partial(ask, dora, dora, now)) == "factor.reset"


def test_a_reason_is_needed_and_one_request_is_enough(
    lost: User, dora: User, second: User, now: datetime
) -> None:
    assert refused(partial(ask, dora, lost, now, "  ")) == "factor.reason"
    ask(dora, lost, now)
    assert refused(partial(ask, second, lost, now)) == "factor.asked"


def test_it_expires(lost: User, dora: User, second: User, now: datetime) -> None:
    reset = ask(dora, lost, now)
    late = now + timedelta(days=3)
    call = partial(agree_factor_reset, actor=second, reset_id=reset.public_id, now=late)
    assert refused(call) == "factor.over"
    assert has_factor(lost)
    assert ask(dora, lost, late).pk != reset.pk


def test_the_owner_refuses_and_nobody_else_does(
    lost: User, eve: User, dora: User, second: User, now: datetime
) -> None:
    reset = ask(dora, lost, now)
    call = partial(withdraw_factor_reset, actor=eve, reset_id=reset.public_id, now=now)
    assert refused(call) == "factor.withdraw"
    withdraw_factor_reset(actor=lost, reset_id=reset.public_id, now=now)
    call = partial(agree_factor_reset, actor=second, reset_id=reset.public_id, now=now)
    assert refused(call) == "factor.over"
    assert has_factor(lost)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_agreed_and_refused_at_once_one_of_them_counts(
    lost: User, dora: User, second: User, now: datetime
) -> None:
    reset = ask(dora, lost, now)
    agree = partial(agree_factor_reset, actor=second, reset_id=reset.public_id, now=now)
    refuse = partial(withdraw_factor_reset, actor=lost, reset_id=reset.public_id, now=now)
    found = race([agree, refuse, agree, refuse])
    assert found.count(None) == 1
    reset.refresh_from_db()
    assert (reset.agreed_at is None) != (reset.withdrawn_at is None)
    assert has_factor(lost) == (reset.agreed_at is None)


def test_the_command_resets_at_once(lost: User, told: list[tuple[str, int]]) -> None:
    told.clear()
    out = StringIO()
    call_command("reset_second_factor", "ADA@example.org", "--reason", "On the phone", stdout=out)
    assert "password alone" in out.getvalue()
    assert not has_factor(lost)
    assert told == [("account.factor_reset", lost.pk)]
    kept = AuditLog.objects.get(action="factor.reset")
    assert (kept.actor_id, kept.reason) == (None, "On the phone")


@pytest.mark.parametrize(("name", "reason"), [("nobody", "x"), ("ada", " ")])
def test_the_command_says_what_is_wrong(ada: User, name: str, reason: str) -> None:
    with pytest.raises(CommandError):
        call_command("reset_second_factor", name, "--reason", reason)
