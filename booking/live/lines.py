"""Hints from the other processes: each topic is heard once here, and handed on in memory."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import structlog
from channels.layers import get_channel_layer

from booking.live.visitors import Visitor
from labitory.lib import hints

logger = structlog.get_logger(__name__)


class Listener(Protocol):
    """What is known of an open socket here."""

    visitor: Visitor

    def tell(self, topic: str, text: str) -> None:
        """Send it this, soon; never waits."""

    async def end(self, code: int) -> None:
        """Close it."""


L = TypeVar("L", bound=Listener)


class Line(Generic[L]):
    """The one channel of this process in the channel layer, and which sockets hear of what.

    `check` looks at once whether sockets still may hear, where a hint says that rights changed.
    """

    def __init__(self, check: Callable[[list[L]], Awaitable[None]]) -> None:
        self.check = check
        self.listeners: dict[str, set[L]] = {}
        self.joined: set[str] = set()
        self.lock = asyncio.Lock()
        self.channel = ""
        self.task: asyncio.Task[None] | None = None

    async def listen(self, socket: L, topic: str) -> None:
        """Let a socket hear of a topic: when this returns, nothing more is missed."""
        self.listeners.setdefault(topic, set()).add(socket)
        if topic in self.joined:
            return
        async with self.lock:
            if topic in self.joined:
                return
            layer = get_channel_layer()
            if self.task is None:
                self.channel = await layer.new_channel()
                self.task = asyncio.get_running_loop().create_task(self._hear())
            await layer.group_add(hints.group_of(topic), self.channel)
            self.joined.add(topic)

    def leave(self, socket: L, topics: Iterable[str]) -> None:
        """Let it hear of these no more; the group is left when the next hint finds nobody."""
        for topic in topics:
            heard = self.listeners.get(topic, set())
            heard.discard(socket)
            if not heard:
                self.listeners.pop(topic, None)

    async def close(self) -> None:
        """Leave all groups, and the channel."""
        async with self.lock:
            try:
                for topic in self.joined:
                    await get_channel_layer().group_discard(hints.group_of(topic), self.channel)
            except hints.UNREACHABLE as error:
                logger.warning("hints.unreachable", error=str(error))
            self.joined.clear()
            if self.task is not None:
                self.task.cancel()
                await asyncio.wait({self.task})

    async def _hear(self) -> None:
        layer = get_channel_layer()
        while True:
            hint = await layer.receive(self.channel)
            try:
                await self._pass_on(hint)
            except Exception:
                # The next hint is another one; without this task nobody here would hear any more.
                logger.exception("live.hint_failed", topic=hint.get("topic"))

    async def _pass_on(self, hint: Mapping[str, Any]) -> None:
        topic = hint["topic"]
        if hint["rights"]:
            await self._look_over(list(self.listeners.get(topic, ())))
        heard = list(self.listeners.get(topic, ()))
        if not heard:
            await self._leave_group(topic)
            return
        # A person's own topic is heard by their own pages only: one word does for all.
        told = json.dumps({"id": hint["id"], "topic": heard[0].visitor.word_of(topic)})
        for socket in heard:
            socket.tell(topic, told)

    async def _look_over(self, heard: list[L]) -> None:
        try:
            await self.check(heard)
        except Exception:
            # Nobody knows whether they may: they come back, and are asked then.
            for socket in heard:
                await socket.end(TRY_LATER)
            raise

    async def _leave_group(self, topic: str) -> None:
        async with self.lock:
            if topic in self.joined and topic not in self.listeners:
                # Whoever asks for it meanwhile waits for the lock, and joins it again.
                self.joined.discard(topic)
                await get_channel_layer().group_discard(hints.group_of(topic), self.channel)


TRY_LATER = 1013
