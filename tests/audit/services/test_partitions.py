"""Months are made ahead, and records that came too early find their place."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from audit.models import AuditLog
from audit.queries.logs import LogFilters, search
from audit.services import record
from audit.services.partitions import make_partitions
from audit.tasks import make_partitions as make_partitions_task

MONTH = re.compile(r"audit_auditlog_(?:\d{4}_\d{2}|rest)")
FAR = datetime(2037, 11, 20, 12, 0, tzinfo=UTC)


def table_of(log: AuditLog) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM audit_auditlog WHERE id=%s", [log.pk])
        (name,) = cursor.fetchone()
    return str(name)


def write(ada: User, at: datetime) -> AuditLog:
    return record(action="user.logged_in", actor=ada, target=ada, now=at)


def test_months_are_made_once_and_over_the_end_of_the_year(ada: User) -> None:
    assert make_partitions(now=FAR) == ["2037-11", "2037-12", "2038-01", "2038-02"]
    assert make_partitions(now=FAR) == []
    assert make_partitions(now=FAR, months_ahead=4) == ["2038-03"]
    assert table_of(write(ada, FAR)) == "audit_auditlog_2037_11"
    last = datetime(2037, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert table_of(write(ada, last)) == "audit_auditlog_2037_12"
    assert table_of(write(ada, last + timedelta(seconds=1))) == "audit_auditlog_2038_01"


def test_early_records_move_to_their_month_and_stay_append_only(ada: User) -> None:
    early, other = write(ada, FAR), write(ada, FAR - timedelta(days=400))
    assert table_of(early) == "audit_auditlog_rest"
    assert make_partitions(now=FAR, months_ahead=0) == ["2037-11"]
    assert table_of(early) == "audit_auditlog_2037_11"
    assert table_of(other) == "audit_auditlog_rest"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_append_only'"
            " AND tgrelid IN ('audit_auditlog_rest'::regclass, 'audit_auditlog_2037_11'::regclass)"
        )
        assert cursor.fetchone() == (2,)


def test_search_reads_only_the_months_it_asks_for(dora: User) -> None:
    make_partitions(now=FAR)
    filters = LogFilters(since=FAR, until=FAR + timedelta(days=1))
    plan = search(viewer=dora, filters=filters).explain()
    assert set(MONTH.findall(plan)) == {"audit_auditlog_2037_11"}
    wider = replace(filters, until=FAR + timedelta(days=30))
    plan = search(viewer=dora, filters=wider).explain()
    assert set(MONTH.findall(plan)) == {
        "audit_auditlog_2037_11",
        "audit_auditlog_2037_12",
    }


def test_command_names_what_it_made(db: None) -> None:
    out = StringIO()
    call_command("make_audit_partitions", "--months", "24", stdout=out)
    assert out.getvalue().startswith("Made: ")
    again = StringIO()
    call_command("make_audit_partitions", "--months", "24", stdout=again)
    assert again.getvalue() == "All partitions are there.\n"
    with pytest.raises(CommandError):
        call_command("make_audit_partitions", "--months", "25")


def test_task_makes_the_coming_months(db: None) -> None:
    make_partitions_task()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('audit_auditlog_' || to_char("
            "now() AT TIME ZONE 'UTC' + interval '3 months', 'YYYY_MM')) IS NOT NULL"
        )
        assert cursor.fetchone() == (True,)
