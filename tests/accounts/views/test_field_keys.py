"""The page of the keys: how many values wait under an old one, and moving them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User, UserProfile
from audit.models import AuditLog
from tests.conftest import LogIn
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
OLD, NEW = {"old": "an old key " * 4}, {"new": "a new key " * 4}
PAGE = "/accounts/security/keys"


def prefixes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(phone, ':', 1) FROM accounts_userprofile WHERE phone > ''"
        )
        return {name for (name,) in cursor.fetchall()}


def test_values_are_moved_by_who_looks_after_security(
    as_user: LogIn, cast: dict[str, User], settings: Any
) -> None:
    settings.FIELD_KEYS = OLD
    for n in range(3):
        user = make_user(f"person{n}")
        UserProfile.objects.filter(user=user).update(phone=f"+49 30 {n}")
    settings.FIELD_KEYS = NEW | OLD
    closed = {
        name: (
            as_user(user).get(PAGE).status_code,
            as_user(user).post(f"{PAGE}/rotate").status_code,
        )
        for name, user in cast.items()
        if name != "dora"
    }
    assert set(closed.values()) == {(403, 403)}
    client = as_user(cast["dora"])
    page = client.get(PAGE).content.decode()
    assert "accounts_userprofile.phone" in page
    assert prefixes() == {"old"}
    assert client.get(f"{PAGE}/rotate").status_code == 405
    answer = client.post(f"{PAGE}/rotate", follow=True)
    assert "3 values were moved" in answer.content.decode()
    assert prefixes() == {"new"}
    log = AuditLog.objects.get(action="keys.rotated")
    assert (log.actor_id, log.facts["rows"]) == (cast["dora"].pk, 3)


def test_visitors_are_sent_to_the_login(client: Client, db: None) -> None:
    assert "/accounts/login" in client.get(PAGE)["Location"]
    assert "/accounts/login" in client.post(f"{PAGE}/rotate")["Location"]
