"""Counting queries the way the budgets mean it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Counted:
    """The statements seen; transaction frames are left out."""

    def __init__(self, context: CaptureQueriesContext) -> None:
        self.context = context

    @property
    def statements(self) -> list[str]:
        """The SQL of each statement."""
        found = (query["sql"] or "" for query in self.context.captured_queries)
        return [sql for sql in found if not sql.startswith(_FRAME)]

    def __len__(self) -> int:
        return len(self.statements)


@contextmanager
def count_queries(expected: int | None = None) -> Iterator[Counted]:
    """Count the statements of the block; with a number, it must be exactly that."""
    with CaptureQueriesContext(connection) as context:
        counted = Counted(context)
        yield counted
    if expected is not None:
        listing = "\n".join(f"{n}. {sql[:300]}" for n, sql in enumerate(counted.statements, 1))
        assert len(counted) == expected, f"{len(counted)} queries, not {expected}:\n{listing}"
