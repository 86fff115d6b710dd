"""A session that was ended is refused at once, even if Redis was away when it was."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from django.core.cache import caches
from django.test import Client

from accounts.models import Session, User
from accounts.services.passwords import change_password
from accounts.services.sessions import end_other_sessions, end_session
from accounts.session_store import SessionStore
from labitory.lib.caches import PAUSE
from labitory.lib.clock import now as moment
from tests.accounts.services.test_sessions import is_in, log_in
from tests.support.queries import count_queries
from tests.support.workers import Process, short_folder, valkey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings: Any) -> Iterator[Process]:
    """A Valkey of this test's own, in which sessions lie; it remembers them when it begins anew."""
    with short_folder() as folder:
        process = valkey(folder / "valkey.sock")
        process.command += ["--dir", str(folder)]
        settings.CACHES = {
            "default": {
                "BACKEND": "labitory.lib.caches.ForgivingRedisCache",
                "LOCATION": address_of(process),
            }
        }
        with process:
            yield process


def address_of(server: Process) -> str:
    return f"unix://{server.command[4]}?db=0"


def key_of(client: Client) -> str:
    """The key of the browser's session, which its cookie holds no more once it has ended."""
    return str(client.session.session_key)


def copy_of(key: str) -> Any:
    """What Redis holds of the session with this key."""
    return caches["default"].get(SessionStore.cache_key_prefix + key)


def go_away(server: Process) -> None:
    """It ends; what it held until now lies on its disk."""
    with redis.Redis.from_url(address_of(server)) as client:
        client.save()
    server.kill()


@contextmanager
def back(server: Process) -> Iterator[None]:
    """It is there again with what it held; the site asks it again after a pause."""
    with server:
        time.sleep(PAUSE + 0.1)
        yield


@pytest.mark.parametrize("how", ["one", "all", "password"])
def test_ended_while_redis_was_away_it_is_over_when_redis_is_back(
    server: Process, ada: User, how: str
) -> None:
    client = log_in(ada)
    assert is_in(client)
    go_away(server)
    if how == "one":
        end_session(user=ada, public_id=Session.objects.get().public_id, now=moment())
    elif how == "all":
        end_other_sessions(user=ada, keep=None, now=moment())
    else:
        change_password(user=ada, password="another-horse-battery", now=moment())
    assert not is_in(client)
    with back(server):
        assert not is_in(client)


def test_a_copy_that_redis_kept_opens_nothing(server: Process, ada: User) -> None:
    thief, owner = log_in(ada), log_in(ada)
    assert is_in(thief)
    key = key_of(thief)
    go_away(server)
    end_other_sessions(user=ada, keep=key_of(owner), now=moment())
    with back(server):
        # Redis was not told, and answers with the session as it was.
        assert copy_of(key) is not None
        assert not is_in(thief)
        assert copy_of(key) is None
        assert is_in(owner)


def test_redis_that_died_and_begins_empty_ends_nobody(server: Process, ada: User) -> None:
    client = log_in(ada)
    server.kill()
    assert is_in(client)
    with back(server):
        assert is_in(client)
        assert copy_of(key_of(client)) is not None
        Session.objects.all().delete()
        assert not is_in(client)


def test_asking_costs_no_query(server: Process, ada: User) -> None:
    client = log_in(ada)
    client.get("/accounts/sessions/left")
    with count_queries(1):
        client.get("/accounts/sessions/left")
