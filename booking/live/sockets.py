"""The open sockets of this process: how many, whether Redis is there, whether they still may."""

import asyncio
from collections import Counter
from collections.abc import Collection
from typing import Protocol

import structlog
from channels.db import database_sync_to_async

from booking.live.lines import TRY_LATER, Line, Listener
from booking.live.visitors import Heard, still_allowed
from labitory.lib import hints
from labitory.lib.clock import now

logger = structlog.get_logger(__name__)

MOST_OF_ONE = 10
# Screens of one instrument hang in more than one place.
MOST_OF_SCREEN = 50
# How often rights and sessions are looked at, and how often Redis is.
CHECK_SECONDS = 60.0
BEAT_SECONDS = 5.0


class Socket(Listener, Protocol):
    """What is known of an open socket here."""

    topics: frozenset[str]

    async def lose(self, topics: frozenset[str]) -> None:
        """Let it hear of these no more."""


class Sockets:
    """All of one process; while there are any, one task looks after all."""

    def __init__(self) -> None:
        self.open: set[Socket] = set()
        self.counts: Counter[str] = Counter()
        self.task: asyncio.Task[None] | None = None
        self.line: Line[Socket] = Line(self.check)

    def add(self, socket: Socket) -> bool:
        """Take one in; False when its visitor has too many."""
        key = socket.visitor.key
        most = MOST_OF_SCREEN if socket.visitor.user_id is None else MOST_OF_ONE
        if self.counts[key] >= most:
            return False
        self.open.add(socket)
        self.counts[key] += 1
        if self.task is None or self.task.done():
            self.line = Line(self.check)
            self.task = asyncio.get_running_loop().create_task(self._watch(self.line))
        return True

    def remove(self, socket: Socket) -> None:
        """Forget one that is closed."""
        if socket not in self.open:
            return
        self.line.leave(socket, socket.topics)
        self.open.discard(socket)
        self.counts[socket.visitor.key] -= 1
        self.counts += Counter()
        if not self.open and self.task is not None:
            self.task.cancel()
            self.task = None

    async def check(self, sockets: Collection[Socket]) -> None:
        """Close those whose session is over, take from the others what they may no longer hear."""
        asked = list(sockets)
        heard = [Heard(visitor=each.visitor, topics=each.topics) for each in asked]
        found = await database_sync_to_async(still_allowed)(heard, now=now())
        for socket, looked_at, allowed in zip(asked, heard, found, strict=True):
            if allowed is None:
                await socket.end(NOT_LOGGED_IN)
            # Meanwhile its page may have asked for more, which was checked then.
            elif lost := (looked_at.topics - allowed) & socket.topics:
                await socket.lose(lost)

    async def _watch(self, line: "Line[Socket]") -> None:
        waited = 0.0
        try:
            while self.open:
                await asyncio.sleep(BEAT_SECONDS)
                waited += BEAT_SECONDS
                if await self._beat(is_due=waited >= CHECK_SECONDS):
                    waited = 0.0
        finally:
            await line.close()
            await hints.hang_up()

    async def _beat(self, *, is_due: bool) -> bool:
        """Whether rights and sessions were looked at."""
        try:
            if not await hints.is_reachable():
                await self._send_away()
            elif is_due:
                await self.check(self.open)
                return True
        except Exception:
            # The next beat tries again; without this one nobody would be looked at any more.
            logger.exception("live.check_failed")
        return False

    async def _send_away(self) -> None:
        """Without Redis no hint comes: pages that know it ask by themselves."""
        for socket in list(self.open):
            await socket.end(TRY_LATER)


NOT_LOGGED_IN = 4401
SOCKETS = Sockets()
