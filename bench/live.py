"""Open pages: what a socket costs in memory, and how soon a commit has reached all of them."""

import asyncio
import json
import os
import resource
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect

from accounts.models import User
from bench import databases
from bench.data import make_resources
from bench.figures import Figure
from bench.plan import Plan
from booking.events import post_change
from booking.live.sockets import MOST_OF_ONE
from booking.queries.hints import resource_topic
from labitory.lib.clock import now as clock_now
from labitory.lib.db import run_transaction
from labitory.ops.embedded import Child

_ROUNDS = 20
_AT_ONCE = 50
_SECONDS = 30


def run(plan: Plan) -> list[Figure]:
    """A real uvicorn, a real worker, so many sockets that show one instrument."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    with databases.database("live") as url:
        [shown] = make_resources(1)
        cookies = _log_in(plan.sockets)
        with _served(url) as (port, pid):
            return asyncio.run(_measure(shown.public_id, cookies, port, pid))


def _log_in(sockets: int) -> list[str]:
    """The cookies of enough people, each with as many pages as one may have."""
    people = [
        User.objects.create(username=f"reader{n}", email=f"reader{n}@example.org")
        for n in range(-(-sockets // MOST_OF_ONE))
    ]
    cookies = []
    for person in people:
        client = Client()
        client.force_login(person)
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}")
    return [cookies[n // MOST_OF_ONE] for n in range(sockets)]


@contextmanager
def _served(url: str) -> Iterator[tuple[int, int]]:
    """The sockets' server and a worker; gives the server's port and process."""
    folder = Path(tempfile.mkdtemp(prefix="labitory-bench-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    env = {**os.environ, "DATABASE_URL": url}
    uvicorn = [sys.executable, "-m", "uvicorn", "--port", str(port), "--lifespan", "off"]
    uvicorn += ["--ws-max-size", "16384", "--ws-per-message-deflate", "false"]
    celery = [sys.executable, "-m", "celery", "-A", "labitory", "worker", "-Q", "notifications"]
    children = [
        Child("live", [*uvicorn, "labitory.asgi:application"], env, log=folder / "live.log"),
        Child(
            "worker",
            [*celery, "-c", "1", "-l", "info", "--without-mingle"],
            env,
            log=folder / "worker.log",
        ),
    ]
    for child in children:
        child.start()
    try:
        _wait_until_ready(port, folder)
        process = children[0].process
        assert process is not None
        yield port, process.pid
    finally:
        for child in children:
            child.stop()
        shutil.rmtree(folder)


def _wait_until_ready(port: int, folder: Path) -> None:
    logs = (folder / "live.log", folder / "worker.log")
    for _attempt in range(300):
        said = [log.read_text(errors="replace") for log in logs if log.exists()]
        if len(said) == len(logs) and str(port) in said[0] and " ready." in said[1]:
            return
        time.sleep(0.1)
    raise RuntimeError(f"uvicorn or celery does not start:\n{said}")


async def _measure(shown: UUID, cookies: list[str], port: int, pid: int) -> list[Figure]:
    topic = resource_topic(shown)
    # What is loaded with the first ones is no socket's.
    first = [await _open(cookie, topic, port) for cookie in cookies[::MOST_OF_ONE][:10]]
    before = _rss(pid)
    begun = time.perf_counter()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def open_one(cookie: str) -> ClientConnection:
        async with gate:
            return await _open(cookie, topic, port)

    taken = {n * MOST_OF_ONE for n in range(len(first))}
    rest = [cookie for n, cookie in enumerate(cookies) if n not in taken]
    pages = await asyncio.gather(*(open_one(cookie) for cookie in rest))
    opened = time.perf_counter() - begun
    held = _rss(pid) - before
    everybody = [*first, *pages]
    waits = [wait for _round in range(_ROUNDS) for wait in await _tell(shown, everybody)]
    after = _rss(pid)
    await asyncio.gather(*(page.close() for page in everybody))
    ranked = sorted(waits)
    return [
        Figure(name="sockets open", value=len(everybody), least=len(cookies), firm=True),
        Figure(name="memory of one socket", value=held / len(pages) / 1000, unit="kB"),
        Figure(name="memory of the process", value=after / 1e6, unit="MB"),
        Figure(name="opened in a second", value=len(pages) / opened),
        Figure(name="hints heard", value=len(waits), least=len(everybody) * _ROUNDS, firm=True),
        Figure(name="commit to hint, median", value=statistics.median(waits) * 1000, unit="ms"),
        Figure(
            name="commit to hint, p95",
            value=ranked[int(len(ranked) * 0.95)] * 1000,
            unit="ms",
            most=1000,
        ),
        Figure(name="commit to hint, worst", value=ranked[-1] * 1000, unit="ms", most=2000),
    ]


async def _open(cookie: str, topic: str, port: int) -> ClientConnection:
    page = await connect(
        f"ws://127.0.0.1:{port}/ws/live",
        origin="http://127.0.0.1",  # type: ignore[arg-type]
        additional_headers={"Cookie": cookie},
        compression=None,
        ping_interval=None,
        open_timeout=_SECONDS,
    )
    await page.send(json.dumps({"topics": [topic, "me"]}))
    assert "ready" in json.loads(await page.recv())
    return page


async def _tell(shown: UUID, pages: list[ClientConnection]) -> list[float]:
    """Change the instrument once; gives how long after the commit each page heard of it."""
    hearing = [asyncio.create_task(_hear(page)) for page in pages]
    await asyncio.sleep(0)
    committed = await sync_to_async(_commit)(shown)
    return [heard - committed for heard in await asyncio.gather(*hearing)]


async def _hear(page: ClientConnection) -> float:
    async with asyncio.timeout(_SECONDS):
        assert "id" in json.loads(await page.recv())
    return time.perf_counter()


def _commit(shown: UUID) -> float:
    run_transaction(lambda: post_change(shown, now=clock_now()))
    return time.perf_counter()


def _rss(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
