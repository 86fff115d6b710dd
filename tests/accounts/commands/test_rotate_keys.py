"""Moving encrypted values to a new key, however often it is interrupted."""

from collections.abc import Callable
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Authenticator, User, UserProfile
from accounts.queries.field_keys import encrypted_fields
from accounts.services import field_keys
from accounts.services.field_keys import Rotated, rotate_keys
from accounts.wall import Opening, run_opened
from audit.models import AuditLog
from audit.sentences import tell
from labitory.lib.crypto import encrypt
from tests.factories.people import make_user

PHONE = "accounts_userprofile.phone"
OLD, NEW = {"old": "an old key " * 4}, {"new": "a new key " * 4}


@pytest.fixture
def people(settings: Any, db: None) -> list[User]:
    """Five people whose phones are under the old key; the new one stands in front now."""
    settings.FIELD_KEYS = OLD
    found = [make_user(f"person{n}") for n in range(5)]
    for n, user in enumerate(found):
        UserProfile.objects.filter(user=user).update(phone=f"+49 30 {n}")
    settings.FIELD_KEYS = NEW | OLD
    return found


def stored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_userprofile ORDER BY user_id")
        return [value.partition(":")[0] for (value,) in cursor.fetchall()]


def phones() -> list[str]:
    return list(UserProfile.objects.order_by("user_id").values_list("phone", flat=True))


def of_phones(found: list[Rotated]) -> Rotated:
    return next(each for each in found if each.column == PHONE)


def run(**options: Any) -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out, **options)
    return out.getvalue()


def test_all_encrypted_columns_are_found() -> None:
    assert {field.context for _model, field in encrypted_fields()} >= {
        PHONE,
        "accounts_userprofile.emergency_contact",
        "accounts_authenticator.key",
    }


def test_the_old_key_can_go_afterwards(people: list[User], settings: Any) -> None:
    assert "would move 5 values to the key 'new'" in run(dry_run=True)
    assert stored() == ["old"] * 5
    assert not AuditLog.objects.exists()
    assert "moved 5 values to the key 'new'" in run()
    settings.FIELD_KEYS = NEW
    assert stored() == ["new"] * 5
    assert phones() == [f"+49 30 {n}" for n in range(5)]
    log = AuditLog.objects.get(action="keys.rotated")
    assert (log.facts["rows"], log.facts["column"]) == (5, PHONE)
    assert tell(log) == f"The system put 5 values of {log.object_name} under the key new"
    assert "moved 0 values" in run()
    assert AuditLog.objects.count() == 1


def test_the_keys_of_apps_move_too(people: list[User], settings: Any, now: datetime) -> None:
    settings.FIELD_KEYS = OLD
    app = Authenticator.objects.create(user=people[0], name="Phone", key="ABC", added_at=now)
    settings.FIELD_KEYS = NEW | OLD
    rotate_keys(now=now)
    settings.FIELD_KEYS = NEW
    app.refresh_from_db()
    assert app.key == "ABC"


def test_an_interrupted_run_is_gone_on_with(people: list[User], now: datetime) -> None:
    def stop(_column: Rotated) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_keys(now=now, batch=2, tell=stop)
    assert stored() == ["new", "new", "old", "old", "old"]
    assert of_phones(rotate_keys(now=now, batch=2)).moved == 3
    assert stored() == ["new"] * 5
    assert [log.facts["rows"] for log in AuditLog.objects.order_by("id")] == [2, 2, 1]


def test_a_value_changed_meanwhile_is_not_overwritten(
    people: list[User], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = run_opened

    def change_first(why: Opening, work: Callable[[], Any]) -> Any:
        # Between the reading and the writing of a batch.
        UserProfile.objects.filter(user=people[1]).update(phone="+49 30 changed")
        return transact(why, work)

    monkeypatch.setattr(field_keys, "run_opened", change_first)
    found = of_phones(rotate_keys(now=now))
    assert (found.moved, found.changed_meanwhile) == (4, 1)
    assert phones()[1] == "+49 30 changed"
    assert stored() == ["new"] * 5


def test_what_no_key_opens_is_left_and_said(people: list[User], settings: Any) -> None:
    settings.FIELD_KEYS = {"lost": "a lost key " * 4}
    lost = encrypt("+49 30 lost", context=PHONE)
    settings.FIELD_KEYS = NEW | OLD
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_userprofile SET phone = %s WHERE user_id = %s", [lost, people[2].pk]
        )
    with pytest.raises(CommandError, match="1 values are under a key"):
        run()
    assert stored() == ["new", "new", "lost", "new", "new"]
