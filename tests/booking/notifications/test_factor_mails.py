"""What the owner of an account reads about second factors."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from booking.models import Message, OutboxEvent
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels.email import build_mail
from booking.services.notifications import tell_account
from tests.factories.factors import give_app

KINDS = [kind for kind in CATALOGUE if kind.startswith(("account.factor_", "account.backup_code"))]
FACTS: dict[str, Any] = {
    "device": "Ada's <phone>",
    "left": 3,
    "actor": "Dora",
    "reason": "Lost her phone",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_can_be_written(ada: User, now: datetime, kind: str) -> None:
    event = OutboxEvent.objects.create(kind=kind, payload={}, created_at=now)
    row = Message(
        event=event,
        user=ada,
        kind=kind,
        payload={"user": ada.pk, "facts": FACTS},
        created_at=now,
    )
    mail = build_mail(row)
    text = str(mail.body)
    assert "Hello Ada," in text
    assert "%(" not in mail.subject + text
    assert mail.to == ["ada@example.org"] or "ada@example.org" in str(mail.to)
    if kind != "account.backup_codes_made":
        assert "http://127.0.0.1:8000/accounts/" in text


def test_a_new_app_is_told_to_its_owner(ada: User, now: datetime) -> None:
    give_app(ada, now)
    event = OutboxEvent.objects.get(kind="account.factor_added")
    tell_account(event=event, now=now)
    mail = build_mail(Message.objects.get(event=event))
    assert "“Phone” can now be used to log in" in str(mail.body)
    assert "http://127.0.0.1:8000/accounts/factors" in str(mail.body)
