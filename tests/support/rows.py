"""All rows of the test database: kept as they are, and put back within milliseconds.

After a test that committed, Django truncates each table and has the signal of migrations rewrite
what belongs there: half a second for our hundred tables, most of which a test leaves empty. Here
each row is deleted, which costs nothing where there is none, and the kept ones are copied back.
"""

from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from accounts.models import User
from labitory.lib.db import run_transaction

# By table and columns, in the database's own words.
Rows = dict[tuple[str, str], bytes]


def keep_rows() -> Rows:
    """Copy what is in the database now."""
    kept = {}
    with connection.cursor() as cursor:
        for table, columns in _tables():
            query = f"SELECT {columns} FROM {table}"  # noqa: S608 - names of our own
            with cursor.copy(f"COPY ({query}) TO STDOUT") as copied:
                kept[table, columns] = b"".join(copied)
    return kept


def put_rows(kept: Rows) -> None:
    """Make the database hold what was kept, and nothing else."""
    names = [table for table, _columns in kept]
    # Whoever still writes is waited for, or the rows would come after they were deleted.
    steps = [f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE"]
    # Neither foreign keys nor triggers are asked: what was kept was in order.
    steps += ["SET LOCAL session_replication_role = replica"]
    steps += [f"DELETE FROM {name}" for name in names]  # noqa: S608 - names of our own

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(steps))
            for (table, columns), rows in kept.items():
                if rows:
                    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copied:
                        copied.write(rows)
            cursor.execute("SET LOCAL session_replication_role = origin")

    # A worker that runs beside the test holds rows and asks for tables in its own order.
    run_transaction(work, attempts=8)


def tell_planner() -> None:
    """Let the database plan for what a test put in.

    It takes a table for empty that it looked at between two tests, and then reads a thousand rows
    a thousand times.
    """
    names = ", ".join(table for table, _columns in _tables())
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")


def return_to_migrations() -> None:
    """From now on a test that committed is followed by the rows that migrations leave.

    Where the tests' role is no superuser, triggers may not be passed by: Django does what it does.
    """
    if User.objects.exists():
        # A reused database, in which an earlier run was broken off.
        call_command("flush", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        if cursor.fetchone() != ("on",):
            return
    left = keep_rows()

    def put_back(_case: TransactionTestCase) -> None:
        put_rows(left)

    TransactionTestCase._fixture_teardown = put_back  # type: ignore[attr-defined]


def _tables() -> list[tuple[str, str]]:
    """The tables of the models with their columns, without those that the database computes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT quote_ident(table_name), string_agg(quote_ident(column_name), ', ')
            FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = ANY(%s)
              AND is_generated = 'NEVER'
            GROUP BY table_name
            """,
            [connection.introspection.django_table_names(only_existing=True)],
        )
        tables: list[tuple[str, str]] = cursor.fetchall()
        return tables
