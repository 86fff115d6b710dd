"""Transactions and constraints: the few database manners that every service shares."""

import random
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import structlog
from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg import errors as pg

logger = structlog.get_logger(__name__)
T = TypeVar("T")
Row = TypeVar("Row")

_RETRIED = (pg.SerializationFailure, pg.DeadlockDetected)


class LostRace(Exception):
    """The transaction met another one half-way; run again from the start it may succeed."""


def constraint_of(error: DatabaseError) -> str:
    """The name of the constraint that an integrity error broke, or an empty string."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, pg.Error) else ""


def run_transaction(work: Callable[[], T], *, attempts: int = 4) -> T:
    """Run `work` in one transaction; after a deadlock or lost race run all of it again.

    Inside an open transaction there is nothing to begin again: the work runs once, and a failure
    undoes the work alone. The last failure is raised.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            return work()
    for attempt in range(1, attempts + 1):
        try:
            with transaction.atomic(durable=True):
                return work()
        except (OperationalError, LostRace) as error:
            retried = isinstance(error, LostRace) or isinstance(error.__cause__, _RETRIED)
            if not retried or attempt == attempts:
                raise
            logger.warning("transaction.retried", attempt=attempt, error=type(error).__name__)
            # Jitter, so that the same rivals do not meet again in step.
            time.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311
    raise AssertionError("unreachable: the loop returns or raises")


def run_each(rows: Iterable[Row], act: Callable[[Row], int]) -> int:
    """Do what a job found, each in a transaction of its own; gives the sum of what came of it.

    What fails is left as it was, for the next run, and stops no other.
    """
    done = 0
    for row in list(rows):
        try:
            done += run_transaction(partial(act, row))
        except Exception:
            logger.exception("job.row_failed", row=str(getattr(row, "pk", row)))
    return done
