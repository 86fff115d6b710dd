"""Hints that something changed: about which topic, never what. See docs/adr/0015.

A topic is `resource:<public id>`, `user:<key>` or `queues`. Hints lie in a capped stream of Redis,
so that who was away can ask what they missed, and go to the topic's group of the channel layer.
"""

import asyncio
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import cast
from weakref import WeakKeyDictionary

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from redis import Redis
from redis import asyncio as aioredis
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

KEPT = 10_000
# Who missed more asks for everything: that is less work than to read so far back.
MOST_MISSED = 1000
# An empty stream's last id.
BEGINNING = "0-0"
UNREACHABLE = (RedisError, OSError)
_SECONDS = 2
_Entries = list[tuple[str, dict[str, str]]]

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, "aioredis.Redis"] = WeakKeyDictionary()


def group_of(topic: str) -> str:
    """The name of a topic's group in the channel layer."""
    return f"hint.{topic.replace(':', '.')}"


def publish(topics: Collection[str], *, rights: bool = False) -> None:
    """Hint at a change of these topics; call it after the commit.

    With `rights` sockets that hear of it look at once whether they still may. While Redis is away
    nobody hears of anything, and pages ask by themselves.
    """
    if not topics:
        return
    try:
        hint_id = _redis().xadd(_stream(), {"topics": " ".join(topics)}, maxlen=KEPT)
        async_to_sync(_send)(topics, str(hint_id), rights)
    except UNREACHABLE as error:
        logger.warning("hints.unreachable", error=str(error))


async def _send(topics: Iterable[str], hint_id: str, rights: bool) -> None:  # noqa: FBT001 - passed on
    layer = get_channel_layer()
    for topic in topics:
        hint = {"type": "hint", "id": hint_id, "topic": topic, "rights": rights}
        await layer.group_send(group_of(topic), hint)


async def last_id() -> str:
    """The id of the newest hint."""
    newest = cast("_Entries", await _async_redis().xrevrange(_stream(), count=1))
    return newest[0][0] if newest else BEGINNING


async def missed(since: str, topics: Collection[str]) -> dict[str, str] | None:
    """The newest hint of each of these topics after an id; None if nobody can know them all."""
    oldest = await _read(count=1)
    if not oldest or _order(since) < _order(oldest[0][0]):
        return None if since != BEGINNING or oldest else {}
    entries = await _read(min=f"({since}", count=MOST_MISSED + 1)
    if len(entries) > MOST_MISSED:
        return None
    return {
        topic: hint_id
        for hint_id, fields in entries
        for topic in fields["topics"].split()
        if topic in topics
    }


async def is_reachable() -> bool:
    """Whether hints can come at all."""
    try:
        await _async_redis().ping()
    except UNREACHABLE:
        return False
    return True


async def hang_up() -> None:
    """Close the connections of this event loop."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()


async def _read(*, count: int, min: str = "-") -> _Entries:  # noqa: A002 - Redis calls it so
    return cast("_Entries", await _async_redis().xrange(_stream(), min=min, count=count))


def _order(hint_id: str) -> tuple[int, int]:
    milliseconds, _dash, number = hint_id.partition("-")
    return int(milliseconds), int(number)


def _stream() -> str:
    return f"{settings.LIVE_PREFIX}-hints"


@lru_cache
def _redis() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
    )


def _async_redis() -> "aioredis.Redis":
    """The client of this event loop: connections belong to the loop that opened them."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = aioredis.Redis.from_url(
            settings.REDIS_URL,
            decode_responses=True,
            socket_timeout=_SECONDS,
            socket_connect_timeout=_SECONDS,
        )
    return _clients[loop]
