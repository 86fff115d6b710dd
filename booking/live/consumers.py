"""What a page may say to the socket, and what it hears."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer

from booking.live.sockets import NOT_LOGGED_IN, SOCKETS, TRY_LATER
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

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Serve it to its end. Without Redis there is no socket: pages ask by themselves."""
        try:
            await super().__call__(scope, receive, send)
        except hints.UNREACHABLE:
            self.base_send = send
            await self.end(TRY_LATER)
        finally:
            SOCKETS.remove(self)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As ever, but a hint asks no database: its connections are looked at where one is."""
        if message["type"] == "hint":
            await self.hint(message)
        else:
            await super().dispatch(message)

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
        await self._leave(self.topics)
        raise StopConsumer

    async def hint(self, message: dict[str, Any]) -> None:
        """Pass one on; after a change of rights only to who still may hear."""
        if message["rights"]:
            await SOCKETS.check([self])
        if message["topic"] in self.topics:
            topic = self.visitor.word_of(message["topic"])
            await self._say({"id": message["id"], "topic": topic})

    async def end(self, code: int) -> None:
        """Close it, once."""
        if not self.is_over:
            self.is_over = True
            await self.send({"type": "websocket.close", "code": code})

    async def lose(self, topics: frozenset[str]) -> None:
        """Hear of these no more."""
        self.topics -= topics
        await self._leave(topics)
        await self._say({"refused": sorted(self.visitor.word_of(topic) for topic in topics)})

    async def _subscribe(self, words: list[str], last: str) -> None:
        asked = {word: self.visitor.topic_of(word) for word in words}
        allowed = await database_sync_to_async(allowed_topics)(
            self.visitor, frozenset(asked.values()), now=now()
        )
        left, self.topics = self.topics - allowed, allowed
        await self._leave(left)
        # First listen, then look back: what comes in between comes twice, never not at all.
        for topic in allowed:
            await self.channel_layer.group_add(hints.group_of(topic), self.channel_name)
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

    async def _leave(self, topics: frozenset[str]) -> None:
        for topic in topics:
            await self.channel_layer.group_discard(hints.group_of(topic), self.channel_name)

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
