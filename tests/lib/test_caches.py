"""The cache while Redis is there, away, or hanging."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from labitory.lib.caches import PAUSE, ForgivingRedisCache
from tests.factories.people import PASSWORD
from tests.support.workers import Process, short_folder, valkey


def ask_everything(cache: ForgivingRedisCache) -> list[object]:
    """What it answers to each question in turn."""
    cache.set("a", 1)
    answers = [cache.get("a"), cache.get("b", "none"), cache.add("c", 5), cache.add("c", 6)]
    answers += [cache.touch("c", 9), cache.has_key("c")]
    cache.set_many({"d": 1, "e": 2})
    answers += [cache.get_many(["d", "e"]), cache.delete("d")]
    cache.delete_many(["e"])
    try:
        answers.append(cache.incr("c"))
    except ValueError:
        answers.append("unknown")
    cache.clear()
    return [*answers, cache.get("c")]


AWAY: list[object] = [None, "none", True, True, False, False, {}, False, "unknown", None]
THERE: list[object] = [1, "none", True, False, True, True, {"d": 1, "e": 2}, True, 6, None]


@pytest.fixture
def server() -> Iterator[Process]:
    with short_folder() as folder, valkey(folder / "valkey.sock") as process:
        yield process


def cache_at(address: Path | str) -> ForgivingRedisCache:
    return ForgivingRedisCache(f"unix://{address}?db=0", {})


def test_redis_that_is_there_keeps_things(server: Process) -> None:
    assert ask_everything(cache_at(server.command[4])) == THERE


def test_redis_that_is_away_is_an_empty_cache(tmp_path: Path) -> None:
    assert ask_everything(cache_at(tmp_path / "nowhere.sock")) == AWAY


def test_redis_that_hangs_holds_up_one_call_only(server: Process) -> None:
    assert server.process is not None
    cache = cache_at(server.command[4])
    cache.set("a", 1)
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert ask_everything(cache) == AWAY
        assert time.monotonic() - begun < 1.9
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    time.sleep(max(0.0, begun + 1 + PAUSE + 0.1 - time.monotonic()))
    assert ask_everything(cache) == THERE


def test_people_work_on_without_redis(ada: User, settings: LazySettings, tmp_path: Path) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "labitory.lib.caches.ForgivingRedisCache",
            "LOCATION": f"unix://{tmp_path}/nowhere.sock?db=0",
        }
    }
    visitor = Client()
    login = {"username": ada.username, "password": PASSWORD}
    assert visitor.post("/accounts/login", login).status_code == 302
    assert visitor.get("/").status_code == 200
    assert visitor.post("/api/v1/auth/token", login, "application/json").status_code == 200
    assert visitor.get("/health/ready").status_code == 503
