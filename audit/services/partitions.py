"""The months of the audit log, made before they come."""

from datetime import UTC, date, datetime

from django.db import connection

from labitory.lib.db import run_transaction

_REST = "audit_auditlog_rest"


def make_partitions(*, now: datetime, months_ahead: int = 3) -> list[str]:
    """Make the partitions of this month and the next ones; give the months that were missing.

    May run any number of times. Records that came before their month had a partition lie in the
    rest and are moved to where they belong.
    """

    def work() -> list[str]:
        with connection.cursor() as cursor:
            # Writers wait behind this; give up rather than let them wait for long.
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit_make_partitions'))")
        return [f"{month:%Y-%m}" for month in _months(now, months_ahead) if _make(month)]

    return run_transaction(work)


def _months(now: datetime, ahead: int) -> list[date]:
    """The first days of the months from now on; months begin in UTC."""
    first = now.astimezone(UTC).date().replace(day=1)
    return [_after(first, months) for months in range(ahead + 1)]


def _after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _make(month: date) -> bool:
    """Make one month's partition, unless it is there."""
    bounds = [datetime(day.year, day.month, 1, tzinfo=UTC) for day in (month, _after(month, 1))]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {_REST} WHERE at >= %s AND at < %s)",  # noqa: S608
            bounds,
        )
        (astray,) = cursor.fetchone() or (False,)
        if not astray:
            cursor.execute("SELECT audit_make_partition(%s)", [month])
            (made,) = cursor.fetchone() or (False,)
            return bool(made)
        # The rest refuses DELETE only while it is part of the log.
        cursor.execute(f"ALTER TABLE audit_auditlog DETACH PARTITION {_REST}")
        cursor.execute("SELECT audit_make_partition(%s)", [month])
        cursor.execute(
            f"WITH moved AS (DELETE FROM {_REST} WHERE at >= %s AND at < %s RETURNING *)"  # noqa: S608
            " INSERT INTO audit_auditlog SELECT * FROM moved",
            bounds,
        )
        cursor.execute(f"ALTER TABLE audit_auditlog ATTACH PARTITION {_REST} DEFAULT")
    return True
