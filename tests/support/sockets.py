"""A page's end of the socket, without the network."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.test import Client

from accounts.models import User
from labitory.asgi import application
from labitory.lib import hints

Scenario = Callable[[], Awaitable[None]]


def play(scenario: Scenario) -> None:
    """Run it in an event loop; what it asks of the database is asked in this thread."""

    async def whole() -> None:
        try:
            await scenario()
        finally:
            await hints.hang_up()

    async_to_sync(whole)()


def cookie_of(user: User) -> str:
    """The cookie of a login."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    return f"{session.key}={session.value}"


class Page:
    """An open page: its socket, without the network."""

    def __init__(
        self, cookie: str = "", query: str = "", origin: str = "http://testserver"
    ) -> None:
        headers = [(b"origin", origin.encode()), (b"cookie", cookie.encode())]
        scope = {
            "type": "websocket",
            "path": "/ws/live",
            "query_string": query.encode(),
            "headers": headers,
        }
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.task = asyncio.create_task(application(scope, self.said.get, self.heard.put))

    async def knock(self) -> dict[str, Any]:
        """Ask for the socket; gives the answer."""
        self.said.put_nowait({"type": "websocket.connect"})
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        """What the socket does next; what it raises is ours."""
        async with asyncio.timeout(5):
            heard = asyncio.create_task(self.heard.get())
            await asyncio.wait({heard, self.task}, return_when=asyncio.FIRST_COMPLETED)
            if not heard.done():
                heard.cancel()
                self.task.result()
            return await heard

    async def leave(self) -> None:
        """Close the page."""
        self.said.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(5):
            await self.task

    def is_quiet(self) -> bool:
        """Whether nothing more came."""
        return self.heard.empty()

    async def __aenter__(self) -> Self:
        assert (await self.knock())["type"] == "websocket.accept"
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.leave()

    async def show(self, *topics: str, last: str = "") -> dict[str, Any]:
        """Say what it shows; gives the answer."""
        await self.say(json.dumps({"topics": topics, "last": last}))
        return await self.hears()

    async def say(self, text: str) -> None:
        """Say anything."""
        self.said.put_nowait({"type": "websocket.receive", "text": text})

    async def hears(self) -> dict[str, Any]:
        """What comes next."""
        answer = await self.answer()
        assert answer["type"] == "websocket.send", answer
        told: dict[str, Any] = json.loads(answer["text"])
        return told

    async def is_refused_with(self, code: int | None) -> None:
        """It gets no socket."""
        answer = await self.knock()
        assert (answer["type"], answer.get("code")) == ("websocket.close", code)
        await self.leave()

    async def is_closed_with(self) -> int:
        """The code with which it was closed."""
        told = await self.answer()
        assert told["type"] == "websocket.close", told
        code: int = told["code"]
        return code


publish = sync_to_async(hints.publish, thread_sensitive=False)
