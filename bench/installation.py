"""Servers, workers and scheduler of a lab of its own, which may be killed and start again."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from labitory.ops.embedded import ASK_SSL, Child, Servers, answers, die, hold

# As in deploy/systemd: RestartSec.
RESTART_SECONDS = 2
_QUEUES = "notifications,reports,maintenance"


class Installation:
    """PostgreSQL that syncs to the disk, Valkey, a worker and beat; whoever dies is started again.

    Its own, whatever servers are given: nobody else's is ever killed.
    """

    def __init__(self, mail_port: int) -> None:
        self.servers = Servers("telling")
        self.servers.own_database = self.servers.own_redis = False
        shutil.rmtree(self.servers.state, ignore_errors=True)
        self.database_url = f"postgresql://labitory@/labitory?host={self.servers.sockets}"
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bench.telling_settings",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": f"unix://{self.servers.sockets}/valkey.sock?db=0",
            "EMAIL_PORT": str(mail_port),
        }
        self.apps: dict[str, Child] = {}
        self.dead_since: dict[str, float] = {}
        # Seconds of processor by process, as last seen: of each name, all its lives together.
        self.worked: dict[str, dict[int, float]] = {}

    def start_apps(self) -> None:
        """The worker and the scheduler as they are deployed."""
        python = [sys.executable, "-W", "ignore:You're running the worker with superuser"]
        celery = [*python, "-m", "celery", "-A", "labitory"]
        worker = [*celery, "worker", "-Q", _QUEUES, "-c", "2", "-l", "warning", "--without-mingle"]
        beat = [*celery, "beat", "-l", "warning", "--pidfile="]
        for name, command in (("worker", worker), ("beat", beat)):
            log = self.servers.state / f"{name}.log"
            self.apps[name] = Child(name, command, self.env, log=log)
            self.apps[name].start()

    @property
    def children(self) -> dict[str, Child]:
        """All that runs, by name."""
        return {**{each.name: each for each in self.servers.children}, **self.apps}

    def revive(self) -> None:
        """Start again what has been dead for two seconds; to be called all the time."""
        for name, child in self.children.items():
            if child.is_alive:
                self.dead_since.pop(name, None)
            elif time.monotonic() - self.dead_since.setdefault(name, time.monotonic()) > (
                RESTART_SECONDS
            ):
                child.start()

    def look_at_work(self) -> None:
        """Note what each has worked until now; who ends between two looks is noted a bit short."""
        for name, child in self.children.items():
            if child.process is not None:
                pid = child.process.pid
                seen = {each: _seconds_of(each) for each in (pid, *_children_of(pid))}
                self.worked.setdefault(name, {}).update(
                    {each: seconds for each, seconds in seen.items() if seconds}
                )

    def kill(self, name: str) -> None:
        """End one and all its children at once, as a power cut would; the broker forgets all."""
        process = self.children[name].process
        assert process is not None
        family = [process.pid, *_children_of(process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        if name == "valkey":
            shutil.rmtree(self.servers.state / "appendonlydir", ignore_errors=True)

    def is_database_up(self) -> bool:
        """Whether anything listens there."""
        return answers(self.servers.sockets / ".s.PGSQL.5432", ASK_SSL, b"N")


@contextmanager
def installation(mail_port: int) -> Iterator[Installation]:
    """The servers for the time of a block, and whatever apps were started in it."""
    lock = hold("telling")
    if lock is None:
        die("another ./dev bench telling is under way")
    with lock:
        found = Installation(mail_port)
        try:
            found.servers.start()
            yield found
        finally:
            for child in found.apps.values():
                child.stop()
            found.servers.stop()
            shutil.rmtree(found.servers.state, ignore_errors=True)


def _children_of(pid: int) -> list[int]:
    with suppress(OSError):
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(each) for each in listed.split()]
    return []


def _seconds_of(pid: int) -> float:
    with suppress(OSError):
        said = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
