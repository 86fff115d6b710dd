"""Records are written, redacted, and never changed."""

from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import User
from audit.context import request_scope
from audit.models import AuditLog
from audit.services import record

Refused = ProgrammingError


def write(ada: User, now: datetime) -> AuditLog:
    return record(
        action="user.changed", actor=ada, target=ada, now=now, changes={"affiliation": ("", "1")}
    )


def test_record_keeps_who_what_and_from_where(ada: User, now: datetime) -> None:
    with request_scope(request_id="r1", address="192.0.2.7"):
        log = write(ada, now)
    log.refresh_from_db()
    assert (log.actor_id, log.actor_name, log.object_type) == (ada.pk, "Ada", "accounts.user")
    assert log.changes == {"affiliation": ["", "1"]}
    assert (log.request_id, log.address, log.at) == ("r1", "192.0.2.7", now)


def test_unchanged_fields_are_left_out(ada: User, now: datetime) -> None:
    log = record(
        action="user.changed", actor=ada, target=ada, now=now, changes={"a": (1, 1), "b": (1, 2)}
    )
    assert log.changes == {"b": [1, 2]}


def test_secrets_are_never_written(ada: User, now: datetime) -> None:
    log = record(
        action="user.changed",
        actor=ada,
        target=ada,
        now=now,
        changes={"password": ("old-one", "new-one"), "api_token": ("t-1", "t-2")},
        facts={"sent": {"Authorization": "Bearer abc", "page": 1}, "session_cookie": "c"},
    )
    log.refresh_from_db()
    stored = f"{log.changes}{log.facts}"
    assert not any(word in stored for word in ("old-one", "new-one", "t-1", "t-2", "abc", "'c'"))
    assert log.facts["sent"]["page"] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditlog SET actor_name = 'Somebody' WHERE id = %s",
        "DELETE FROM audit_auditlog WHERE id = %s",
        "UPDATE audit_auditlog_rest SET actor_name = 'Somebody' WHERE id = %s",
        "DELETE FROM audit_auditlog_rest WHERE id = %s",
    ],
)
def test_database_refuses_to_change_a_record(ada: User, now: datetime, statement: str) -> None:
    log = write(ada, now - timedelta(days=10_000))
    with (
        pytest.raises(Refused, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [log.pk])
    assert AuditLog.objects.get(pk=log.pk).actor_name == "Ada"


def test_orm_is_refused_as_well(ada: User, now: datetime) -> None:
    log = write(ada, now)
    log.reason = "another"
    with pytest.raises(Refused, match="append-only"), transaction.atomic():
        log.save()
    with pytest.raises(Refused, match="append-only"), transaction.atomic():
        AuditLog.objects.filter(pk=log.pk).update(reason="another")
    with pytest.raises(Refused, match="append-only"), transaction.atomic():
        log.delete()
    with pytest.raises(Refused, match="append-only"), transaction.atomic():
        AuditLog.objects.all().delete()
    assert AuditLog.objects.get(pk=log.pk).reason == ""


def test_record_falls_with_its_act(ada: User, now: datetime) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        write(ada, now)
        raise RuntimeError
    assert not AuditLog.objects.exists()
