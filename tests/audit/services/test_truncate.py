"""What was recorded is not emptied away at a stroke."""

from datetime import datetime

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import User
from audit.models import AuditLog, SecurityEvent
from audit.services import record
from audit.services.partitions import make_partitions
from audit.services.security import record_security


def truncate(tables: str, allowed: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.truncate', %s, true)", [allowed])
        cursor.execute(f"TRUNCATE {tables} CASCADE")


@pytest.mark.parametrize(
    "tables",
    [
        "audit_auditlog",
        "audit_auditlog_rest",
        "audit_auditlog_{month:%Y_%m}",
        "audit_securityevent",
    ],
)
def test_truncate_is_refused(ada: User, tables: str) -> None:
    at = datetime.fromisoformat("2031-05-01T00:00:00+00:00")
    assert "2031-05" in make_partitions(now=at)
    record(action="user.changed", actor=ada, target=ada, now=at)
    record_security(kind="token.given", user=ada, now=at)
    for allowed in ("", "off"):
        with pytest.raises(ProgrammingError, match="append-only: TRUNCATE is refused"):
            truncate(tables.format(month=at), allowed)
    assert AuditLog.objects.filter(at=at).count() == 1
    assert SecurityEvent.objects.filter(at=at).count() == 1


def test_the_tests_empty_their_own_databases(ada: User, now: datetime) -> None:
    record(action="user.changed", actor=ada, target=ada, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SHOW audit.truncate")
        assert cursor.fetchone() == ("on",)
        cursor.execute("TRUNCATE audit_auditlog")
    assert not AuditLog.objects.exists()
