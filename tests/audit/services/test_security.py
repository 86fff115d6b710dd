"""Security events: written with where they came from, never changed."""

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from audit.context import request_scope
from audit.enums import Severity
from audit.models import SecurityEvent
from audit.services.security import record_security


def test_an_event_knows_whose_account_who_did_it_and_from_where(
    ada: User, dora: User, now: datetime
) -> None:
    with request_scope(request_id="r1", address="192.0.2.7", country="DE", agent="Mozilla " * 50):
        record_security(
            kind="account.unlocked",
            severity=Severity.NOTICE,
            user=ada,
            actor=dora,
            facts={"password": "secret", "wait": 30},
            now=now,
        )
    event = SecurityEvent.objects.get()
    assert (event.at, event.user_id, event.user_name) == (now, ada.pk, "Ada")
    assert (event.actor_id, event.actor_name) == (dora.pk, "Dora")
    assert (event.address, event.country, event.request_id) == ("192.0.2.7", "DE", "r1")
    assert len(event.agent) == 200
    assert event.facts == {"password": "[redacted]", "wait": 30}


def test_an_event_may_know_nobody(db: None, now: datetime) -> None:
    record_security(kind="login.failed", severity=Severity.NOTICE, now=now)
    event = SecurityEvent.objects.get()
    assert (event.user_id, event.actor_id, event.address, event.agent) == (None, None, None, "")


def test_events_are_never_changed_and_deleted_only_by_the_retention(
    db: None, now: datetime
) -> None:
    record_security(kind="login.failed", severity=Severity.NOTICE, now=now)
    events = SecurityEvent.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        events.update(kind="login.succeeded")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        events.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.retention', 'on', true)")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        events.update(kind="login.succeeded")
    events.delete()
    assert not events.exists()
