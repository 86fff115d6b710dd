"""The page of the keys: how many values wait under an old one, and moving them."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User, UserProfile
from audit.models import AuditLog
from tests.conftest import LogIn
from tests.factories.people import make_user
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
OLD, NEW = {"old": "an old key " * 4}, {"new": "a new key " * 4}
PAGE = "/accounts/security/keys"


def prefixes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(phone, ':', 1) FROM accounts_userprofile WHERE phone > ''"
        )
        return {name for (name,) in cursor.fetchall()}


def counts_of_phone(page: str) -> tuple[int, int]:
    """Under an older key, and under none that is there."""
    found = re.search(r"userprofile\.phone</th>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*>(\d+)<", page)
    assert found
    return int(found[1]), int(found[2])


def test_a_key_that_was_taken_away_too_early_is_seen(
    as_user: LogIn, dora: User, settings: Any
) -> None:
    settings.FIELD_KEYS = OLD
    UserProfile.objects.filter(user=dora).update(phone="+49 30 1")
    settings.FIELD_KEYS = NEW
    client = as_user(dora)
    with count_queries() as counted:
        page = client.get(PAGE).content.decode()
    assert counts_of_phone(page) == (0, 1)
    # However many columns there are.
    assert len(counted) == 5


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
    assert counts_of_phone(page) == (3, 0)
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
