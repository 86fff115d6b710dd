"""Hints that something changed: about which topic, never what. See docs/adr/0015.

A topic is `resource:<public id>`, `user:<key>` or `queues`. Hints lie in a capped stream of Redis,
so that who was away can ask what they missed, and go to the topic's group of the channel layer.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hint:
    topics: tuple[str, ...]
    rights: bool


_gathered: ContextVar[list[_Hint] | None] = ContextVar("gathered_hints", default=None)


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
    hint = _Hint(topics=tuple(topics), rights=rights)
    gathered = _gathered.get()
    if gathered is None:
        _publish([hint])
    else:
        gathered.append(hint)


@contextmanager
def published_together() -> Iterator[None]:
    """What is hinted at in the block goes out at its end, by one way to the sockets.

    What fails there is logged: pages that hear nothing ask by themselves.
    """
    hints: list[_Hint] = []
    token = _gathered.set(hints)
    try:
        yield
    finally:
        _gathered.reset(token)
    if not hints:
        return
    try:
        _publish(hints)
    except Exception:
        logger.exception("hints.failed")


def _publish(hints: Sequence[_Hint]) -> None:
    try:
        ids = [
            str(_redis().xadd(_stream(), {"topics": " ".join(each.topics)}, maxlen=KEPT))
            for each in hints
        ]
        async_to_sync(_send)(list(zip(ids, hints, strict=True)))
    except UNREACHABLE as error:
        logger.warning("hints.unreachable", error=str(error))


async def _send(hints: Iterable[tuple[str, _Hint]]) -> None:
    layer = get_channel_layer()
    for hint_id, hint in hints:
        for topic in hint.topics:
            said = {"type": "hint", "id": hint_id, "topic": topic, "rights": hint.rights}
            await layer.group_send(group_of(topic), said)


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
