"""Passwords are changed, asked for and reset."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import crypto

from accounts.errors import AccountRefused
from accounts.models import PasswordRecord, Session, User
from accounts.services.passwords import (
    change_password,
    password_reset_link,
    request_password_reset,
    reset_password,
    set_password_for,
)
from accounts.session_store import SessionStore
from audit.models import AuditLog, SecurityEvent
from tests.factories.people import PASSWORD
from tests.support.queries import count_queries

Heard = list[tuple[int, datetime]]


def test_request_tells_the_apps_above(ada: User, now: datetime, reset_requests: Heard) -> None:
    request_password_reset(email="ADA@example.ORG", now=now)
    assert reset_requests == [(ada.pk, now)]
    assert AuditLog.objects.get().object_name == "Ada"


@pytest.mark.parametrize("email", ["nobody@example.org", "eve@example.org"])
def test_unknown_or_closed_account_is_told_nothing(
    eve: User, now: datetime, reset_requests: Heard, email: str
) -> None:
    User.objects.filter(pk=eve.pk).update(is_active=False)
    request_password_reset(email=email, now=now)
    assert reset_requests == []
    log = AuditLog.objects.get()
    assert (log.object_name, log.facts) == ("?", {})


def test_link_is_of_this_site_and_ends_with_the_password(
    ada: User, now: datetime, settings: object
) -> None:
    settings.SITE_URL = "https://lab.example.org/"  # type: ignore[attr-defined]
    link = password_reset_link(ada)
    assert link.startswith("https://lab.example.org/accounts/password/reset/")
    path = link.removeprefix("https://lab.example.org")
    assert Client().get(path).status_code == 302
    reset_password(user=ada, password="another-horse-battery", now=now)
    assert Client().get(path).context["validlink"] is False


def test_passwords_are_set_and_never_written_down(ada: User, now: datetime) -> None:
    change_password(user=ada, password="first-horse-battery", now=now)
    reset_password(user=ada, password="second-horse-battery", now=now)
    ada.refresh_from_db()
    assert ada.check_password("second-horse-battery")
    logs = list(AuditLog.objects.order_by("pk"))
    assert [log.action for log in logs] == ["user.password_changed", "user.password_reset"]
    assert not any("horse" in f"{log.changes}{log.facts}{log.reason}" for log in logs)


def words(*numbers: int) -> list[str]:
    """Good passwords, each different."""
    return [f"horse-battery-{number}" for number in numbers]


def refused(password: str, user: User) -> list[str]:
    """The codes of what stands against a new password."""
    try:
        validate_password(password, User.objects.get(pk=user.pk))
    except ValidationError as error:
        return [str(each.code) for each in error.error_list]
    return []


def test_the_last_five_are_not_taken_again(ada: User, now: datetime) -> None:
    for number, password in enumerate(words(1, 2, 3, 4)):
        change_password(user=ada, password=password, now=now + timedelta(days=number))
    for password in (PASSWORD, *words(1, 2, 3, 4)):
        assert refused(password, ada) == ["password_used_before"]
    change_password(user=ada, password=words(5)[0], now=now + timedelta(days=5))
    assert refused(PASSWORD, ada) == []
    for password in words(1, 2, 3, 4, 5):
        assert refused(password, ada) == ["password_used_before"]
    assert PasswordRecord.objects.filter(user=ada).count() == 4
    assert not PasswordRecord.objects.filter(password__contains="horse").exists()


@pytest.mark.parametrize(("number", "again"), [(0, []), (1, ["password_used_before"])])
def test_how_many_is_a_setting(
    ada: User, now: datetime, settings: Any, number: int, again: list[str]
) -> None:
    settings.PASSWORD_HISTORY = number
    change_password(user=ada, password=words(1)[0], now=now)
    assert refused(words(1)[0], ada) == again
    assert refused(PASSWORD, ada) == []
    assert not PasswordRecord.objects.exists()


def test_history_of_one_is_not_that_of_another(ada: User, ben: User, now: datetime) -> None:
    change_password(user=ada, password=words(1)[0], now=now)
    change_password(user=ada, password=words(2)[0], now=now)
    assert refused(words(1)[0], ben) == []


def test_breached_passwords_are_refused_where_there_is_a_list(
    ada: User, settings: Any, tmp_path: Path
) -> None:
    word = "purple-horse-battery"
    path = tmp_path / "breached.txt"
    path.write_text(
        f"{hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()}:12\n"
    )
    assert refused(word, ada) == []
    settings.BREACHED_PASSWORDS = str(path)
    assert refused(word, ada) == ["password_breached"]
    assert refused("another-purple-horse", ada) == []
    path.unlink()
    assert refused(word, ada) == []


def test_every_change_ends_the_other_sessions(ada: User, now: datetime) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.force_login(ada)
    keep = here.session.session_key
    change_password(user=ada, password=words(1)[0], now=now, keep=keep)
    assert list(Session.objects.values_list("session_key", flat=True)) == [keep]
    event = SecurityEvent.objects.get(kind="session.ended")
    assert event.facts == {"why": "password", "count": 1}
    reset_password(user=ada, password=words(2)[0], now=now)
    assert not Session.objects.exists()
    assert not SessionStore(there.session.session_key or "x").load()


def test_the_owner_is_told_and_the_day_is_kept(
    ada: User, now: datetime, told: list[tuple[str, int]]
) -> None:
    change_password(user=ada, password=words(1)[0], now=now)
    assert told == [("account.password_changed", ada.pk)]
    assert User.objects.get(pk=ada.pk).password_changed_at == now


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("ada", False), ("ben", False), ("chris", False), ("dora", True), ("eve", False)],
)
def test_who_sets_the_password_of_another(
    cast: dict[str, User], now: datetime, who: str, allowed: bool
) -> None:
    def act(user: User) -> None:
        set_password_for(actor=cast[who], user=user, password=words(1)[0], now=now)

    target = cast["ben" if who != "ben" else "ada"]
    if allowed:
        act(target)
        assert User.objects.get(pk=target.pk).check_password(words(1)[0])
        assert AuditLog.objects.get().action == "user.password_set"
    for user in [cast[who]] if allowed else [cast[who], target]:
        with pytest.raises(AccountRefused):
            act(user)
        assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_asking_for_a_link_is_the_same_work_for_everybody(ada: User, now: datetime) -> None:
    counts = []
    for email in ("ada@example.org", "nobody@example.org"):
        with count_queries() as counted:
            request_password_reset(email=email, now=now)
        counts.append(len(counted))
    assert counts == [4, 4]


def test_a_login_brings_an_old_hash_up_to_date(ada: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
    settings.PASSWORD_ITERATIONS = 1000
    ada.set_password(PASSWORD)
    ada.save()
    assert ada.password.startswith("pbkdf2_sha256$1000$")
    settings.PASSWORD_ITERATIONS = 1500
    assert Client().login(username="ada", password=PASSWORD)
    ada.refresh_from_db()
    assert ada.password.startswith("pbkdf2_sha256$1500$")
    assert ada.password_changed_at is None


@pytest.mark.parametrize("name", ["nobody", "closed", "without"])
def test_every_failure_hashes_once(
    ada: User, ben: User, settings: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
    settings.PASSWORD_ITERATIONS = 1000
    User.objects.filter(pk=ada.pk).update(
        username="closed", is_active=False, password=hashers.make_password(PASSWORD)
    )
    User.objects.filter(pk=ben.pk).update(username="without", password=hashers.make_password(None))
    rounds: list[int] = []
    plain = crypto.pbkdf2

    def counted(password: str, salt: str, iterations: int, **rest: Any) -> bytes:
        rounds.append(iterations)
        return plain(password, salt, iterations, **rest)

    monkeypatch.setattr(hashers, "pbkdf2", counted)
    assert not Client().login(username=name, password="wrong")
    assert rounds == [1000]
