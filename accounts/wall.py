"""The second wall: the database itself hides what opens other people's accounts.

Row-level security (migration 0004) lets a transaction see and write only the rows of the person it
says it acts for. What forgot to say so sees nothing, whatever its condition. The word holds for one
transaction: a connection that comes back from a pool carries none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import CharField, F, Func, Model, QuerySet, Value
from django.db.models.functions import Cast

from labitory.lib.db import run_transaction

T = TypeVar("T")

SETTING = "labitory.person"
_EVERYBODY = "everybody"
# Behind the wall, by label: what opens an account, or spares somebody a factor.
GUARDED = (
    "accounts.authenticator",
    "accounts.backupcode",
    "accounts.passkey",
    "accounts.passwordrecord",
    "accounts.trusteddevice",
)
_told: ContextVar[str | None] = ContextVar("wall_told", default=None)


class Opening(StrEnum):
    """Why the wall is opened for the rows of everybody; there are no other reasons."""

    ADMINISTRATION = "system administrators look at lists, without keys and hashes"
    COUNTING = "how many people of a role have no factor"
    KEYS = "the encrypted columns move to another key"
    MERGING = "two accounts become one"
    TIDYING = "what has run out is deleted"


@contextmanager
def acting_for(person: int) -> Iterator[None]:
    """Within, the guarded tables show the rows of this person; one statement, unless it is told.

    Outside a transaction it is one of its own: what is read must be read to its end within.
    """
    with _telling(str(person)):
        yield


def run_as(person: int, work: Callable[[], T]) -> T:
    """Run `work` in one transaction that acts for the person."""

    def told() -> T:
        with acting_for(person):
            return work()

    return run_transaction(told)


def run_opened(why: Opening, work: Callable[[], T]) -> T:
    """Run `work` in one transaction to which everybody's rows are open."""

    def told() -> T:
        with opened(why):
            return work()

    return run_transaction(told)


@contextmanager
def acting_for_found(people: "QuerySet[Any]") -> Iterator[int | None]:
    """Act for the first person a query finds: found and told in one statement; gives the number."""
    with _frame():
        told = Func(
            Value(SETTING),
            Cast(F("pk"), CharField()),
            Value(value=True),
            function="set_config",
            output_field=CharField(),
        )
        found = people.order_by().annotate(told=told).values_list("pk", "told").first()
        token = _told.set(found[1] if found else None)
        try:
            yield found[0] if found else None
        finally:
            _told.reset(token)


@contextmanager
def opened(why: Opening) -> Iterator[None]:
    """Within, everybody's rows are open to the system itself, for one of the reasons there are."""
    assert isinstance(why, Opening)  # noqa: S101 - the only list of reasons
    with _telling(_EVERYBODY):
        yield


def is_guarded(model: type[Model]) -> bool:
    """Whether the rows of a model stand behind the wall."""
    return model._meta.label_lower in GUARDED


def is_bypassed() -> bool:
    """Whether the role of the application walks through: a superuser, or one with BYPASSRLS."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (found,) = cursor.fetchone() or (False,)
    return bool(found)


@contextmanager
def _telling(whom: str) -> Iterator[None]:
    before = _told.get()
    if before == whom and connection.in_atomic_block:
        yield
        return
    # Within another's word the savepoint takes ours back if the work fails.
    must_restore = connection.in_atomic_block and (before is not None or whom == _EVERYBODY)
    with transaction.atomic() if must_restore else _frame():
        token = _told.set(whom)
        try:
            _tell(whom)
            yield
        finally:
            _told.reset(token)
        if must_restore:
            _tell(before or "")


@contextmanager
def _frame() -> Iterator[None]:
    """A transaction of our own, where none is open; there the word ends with it."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        yield


def _tell(whom: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, whom])
