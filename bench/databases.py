"""Databases of a run: made beside the given one, dropped after it, never the given one itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import psycopg
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from psycopg import sql
from redis import Redis

from bench.settings import PREFIX, REDIS_URL

GIVEN = os.environ["DATABASE_URL"]
_NAME = unquote(urlsplit(GIVEN).path.lstrip("/"))
_TEMPLATE = f"{_NAME}_bench"


def url_of(name: str) -> str:
    """The address of another database on the given server."""
    return urlsplit(GIVEN)._replace(path=f"/{name}").geturl()


@contextmanager
def prepared() -> Iterator[None]:
    """For the time of a run: a migrated database to copy from, and an empty key space."""
    _forget_keys()
    try:
        _recreate(_TEMPLATE)
        use(_TEMPLATE)
        call_command("migrate", verbosity=0)
        yield
    finally:
        use(_NAME)
        _drop(_TEMPLATE)
        _forget_keys()


@contextmanager
def database(word: str) -> Iterator[str]:
    """An empty migrated database, in use by this process; gives its address for others."""
    name = f"{_TEMPLATE}_{word}"
    use(_NAME)
    _recreate(name, template=_TEMPLATE)
    use(name)
    try:
        yield url_of(name)
    finally:
        use(_NAME)
        _drop(name)


def use(name: str) -> None:
    """Point this process's connection at a database of the server."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = name
    cache.clear()


def name_of(word: str) -> str:
    """The name of the database that `database` makes for a word."""
    return f"{_TEMPLATE}_{word}"


def deadlocks() -> int:
    """How many deadlocks the server has seen in the database in use."""
    with connection.cursor() as cursor:
        # Counters arrive when a backend has been idle for a moment.
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (found,) = cursor.fetchone() or (0,)
    return int(found)


def _recreate(name: str, *, template: str = "template1") -> None:
    _drop(name)
    _administer(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def _drop(name: str) -> None:
    _administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(statement: sql.Composed) -> None:
    with psycopg.connect(GIVEN, autocommit=True) as administrator:
        administrator.execute(statement)


def _forget_keys() -> None:
    """Delete what this and an earlier run left in the key-value server: ours, by its prefix."""
    with Redis.from_url(REDIS_URL) as server:
        for key in server.scan_iter(match=f"{PREFIX}*", count=1000):
            server.delete(key)
