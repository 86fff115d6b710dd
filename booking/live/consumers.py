"""What a page may say to the socket, and what it hears."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer

from booking.live.lines import TRY_LATER
from booking.live.sockets import NOT_LOGGED_IN, SOCKETS
from booking.live.visitors import Visitor, allowed_topics, find_visitor
from labitory.lib import hints
from labitory.lib.clock import now

MOST_TOPICS = 64
LONGEST = 8192
# A page says what it shows when it opens, and again when that changes.
MOST_MESSAGES = 200
NOT_UNDERSTOOD = 1008
_ID = re.compile(r"[0-9]{1,16}-[0-9]{1,10}")


class Misuse(Exception):
    """Something that no page of ours says."""


class HintConsumer(AsyncConsumer):  # type: ignore[misc]
    """One socket of one page: it says which topics it shows, and hears when they change.

    Nothing else is taken: `{"topics": [...], "last": "<id>"}`. The answers are
    `{"ready", "refused"}`, hints `{"id", "topic"}`, and `{"reload": true}` for who missed more than
    is known.
    """

    visitor: Visitor

    def __init__(self) -> None:
        self.topics: frozenset[str] = frozenset()
        self.messages = 0
        self.is_over = False
        # Hints that are still to be sent, the newest of each topic, in the order of their ids.
        self.waiting: dict[str, str] = {}
        self.teller: asyncio.Task[None] | None = None

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Serve it to its end. Without Redis there is no socket: pages ask by themselves.

        It has no channel of its own in the layer: what it hears comes by the line of its process.
        """
        self.scope, self.base_send = scope, send
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        except hints.UNREACHABLE:
            await self.end(TRY_LATER)
        finally:
            SOCKETS.remove(self)
            if self.teller is not None:
                self.teller.cancel()

    async def websocket_connect(self, _message: dict[str, Any]) -> None:
        """Let in who has a session or a pass, and not too many sockets."""
        visitor = await database_sync_to_async(find_visitor)(self.scope, now=now())
        if visitor is None:
            await self.end(NOT_LOGGED_IN)
            return
        self.visitor = visitor
        if not SOCKETS.add(self):
            await self.end(TRY_LATER)
            return
        await self.send({"type": "websocket.accept"})

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Take what the page shows; whatever else comes ends the socket."""
        self.messages += 1
        try:
            words, last = read_message(message.get("text"), self.messages)
        except Misuse:
            await self.end(NOT_UNDERSTOOD)
            return
        await self._subscribe(words, last)

    async def websocket_disconnect(self, _message: dict[str, Any]) -> None:
        """The page is gone."""
        self.is_over = True
        raise StopConsumer

    def tell(self, topic: str, text: str) -> None:
        """Send a hint when the page takes it: one that is slow keeps nobody else waiting."""
        self.waiting.pop(topic, None)
        self.waiting[topic] = text
        if self.teller is None:
            self.teller = asyncio.get_running_loop().create_task(self._tell())

    async def end(self, code: int) -> None:
        """Close it, once."""
        if not self.is_over:
            self.is_over = True
            await self.send({"type": "websocket.close", "code": code})

    async def lose(self, topics: frozenset[str]) -> None:
        """Hear of these no more."""
        self.topics -= topics
        SOCKETS.line.leave(self, topics)
        await self._say({"refused": sorted(self.visitor.word_of(topic) for topic in topics)})

    async def _subscribe(self, words: list[str], last: str) -> None:
        asked = {word: self.visitor.topic_of(word) for word in words}
        allowed = await database_sync_to_async(allowed_topics)(
            self.visitor, frozenset(asked.values()), now=now()
        )
        left, self.topics = self.topics - allowed, allowed
        SOCKETS.line.leave(self, left)
        # First listen, then look back: what comes in between comes twice, never not at all.
        for topic in allowed:
            await SOCKETS.line.listen(self, topic)
        newest = await hints.last_id()
        refused = sorted(word for word, topic in asked.items() if topic not in allowed)
        await self._say({"ready": newest, "refused": refused})
        if last:
            await self._catch_up(last)

    async def _catch_up(self, last: str) -> None:
        found = await hints.missed(last, self.topics)
        if found is None:
            await self._say({"reload": True})
            return
        for topic, hint_id in found.items():
            await self._say({"id": hint_id, "topic": self.visitor.word_of(topic)})

    async def _tell(self) -> None:
        try:
            while self.waiting and not self.is_over:
                topic = next(iter(self.waiting))
                await self.send({"type": "websocket.send", "text": self.waiting.pop(topic)})
        except OSError:
            # Gone before it took it; what it hears next is that it is.
            self.waiting.clear()
        finally:
            self.teller = None

    async def _say(self, told: dict[str, Any]) -> None:
        if not self.is_over:
            await self.send({"type": "websocket.send", "text": json.dumps(told)})


def read_message(text: str | None, count: int) -> tuple[list[str], str]:
    """The topics that a page names, and the last hint that it knows; raises `Misuse`."""
    if text is None or len(text) > LONGEST or count > MOST_MESSAGES:
        raise Misuse
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise Misuse from None
    if not isinstance(said, dict) or not said.keys() <= {"topics", "last"}:
        raise Misuse
    topics, last = said.get("topics"), said.get("last", "")
    if not isinstance(topics, list) or not all(isinstance(each, str) for each in topics):
        raise Misuse
    if len(topics) > MOST_TOPICS or not isinstance(last, str):
        raise Misuse
    if last and not _ID.fullmatch(last):
        raise Misuse
    return topics, last
