"""A cache whose absence costs speed and limits, never a page."""

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import structlog
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import TimeoutError as TooSlow

logger = structlog.get_logger(__name__)
Method = TypeVar("Method", bound=Callable[..., object])

# How long it is left alone after it did not answer: a request asks it several times.
PAUSE = 2.0


def _forgiving(method: Method, absent: Callable[..., object]) -> Method:
    """The client's method, or what an empty cache would answer while Redis cannot be reached."""

    @functools.wraps(method)
    def ask(client: "ForgivingClient", *arguments: object) -> object:
        if time.monotonic() < client.paused_until:
            return absent(*arguments)
        try:
            return method(client, *arguments)
        except (Unreachable, TooSlow) as error:
            client.paused_until = time.monotonic() + PAUSE
            logger.warning("cache.unreachable", error=str(error))
            return absent(*arguments)

    return cast("Method", ask)


def _unknown(key: str, _delta: int) -> int:
    raise ValueError(f"Key {key!r} not found.")


class ForgivingClient(RedisCacheClient):
    """While Redis cannot be reached, a cache that takes everything and keeps nothing."""

    paused_until = 0.0

    add = _forgiving(RedisCacheClient.add, lambda *_: True)
    get = _forgiving(RedisCacheClient.get, lambda _key, default: default)
    set = _forgiving(RedisCacheClient.set, lambda *_: None)
    touch = _forgiving(RedisCacheClient.touch, lambda *_: False)
    delete = _forgiving(RedisCacheClient.delete, lambda *_: False)
    get_many = _forgiving(RedisCacheClient.get_many, lambda *_: {})
    has_key = _forgiving(RedisCacheClient.has_key, lambda *_: False)
    incr = _forgiving(RedisCacheClient.incr, _unknown)
    set_many = _forgiving(RedisCacheClient.set_many, lambda *_: None)
    delete_many = _forgiving(RedisCacheClient.delete_many, lambda *_: None)

    def _delete_beginning(self, beginning: str) -> None:
        redis = self.get_client(write=True)
        if keys := list(redis.scan_iter(match=f"{beginning}*", count=1000)):
            redis.unlink(*keys)

    delete_beginning = _forgiving(_delete_beginning, lambda *_: None)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, without which the site is slower and unlimited but works.

    Sessions are in the database too; rate limits start anew when Redis is back.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # A server that hangs is as good as none.
        options = {"socket_timeout": 1, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._class = ForgivingClient

    def clear(self) -> None:
        """Forget what is this cache's alone: queues, and others' keys, lie in the same database."""
        cast("ForgivingClient", self._cache).delete_beginning(f"{self.key_prefix}:")
