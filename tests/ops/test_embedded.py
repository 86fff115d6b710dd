"""The servers that `./dev` brings along: where they live, who holds them, how they end."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labitory.ops import embedded
from labitory.ops.embedded import LONGEST_SOCKET, Child, Servers, answers, hold, make_home

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"
)


def wait_until(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def is_alive(pid: int) -> bool:
    """Whether a process exists and is more than a memory of its parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_home_ignores_itself(home: Path) -> None:
    make_home()
    assert (home / ".gitignore").read_text(encoding="ascii") == "*\n"


def test_one_command_holds_a_purpose(home: Path) -> None:
    first = hold("dev")
    assert first is not None
    assert hold("dev") is None
    other = hold("test")
    assert other is not None
    other.close()
    first.close()
    again = hold("dev")
    assert again is not None
    again.close()


def test_the_lock_of_a_killed_command_is_free(home: Path) -> None:
    code = (
        "from labitory.ops.embedded import hold; lock = hold('dev'); print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=embedded.ROOT,
        env={**os.environ, "LABITORY_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"1\n"
        assert hold("dev") is None
        holder.kill()
    lock = hold("dev")
    assert lock is not None
    lock.close()


def test_purposes_do_not_share_state(home: Path) -> None:
    dev, test = Servers("dev"), Servers("test")
    assert (dev.state, dev.sockets) == (home / "dev", home / "dev/run")
    assert (test.state, test.sockets) == (home / "test", home / "test/run")


def test_a_long_path_gets_sockets_in_the_temp_directory(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set()
    for letter in "ab":
        monkeypatch.setattr(embedded, "HOME", home / (letter * LONGEST_SOCKET))
        sockets = Servers("dev").sockets
        assert sockets.parent == Path(tempfile.gettempdir())
        assert len(str(sockets)) <= LONGEST_SOCKET
        found.add(sockets)
    assert len(found) == 2


def test_the_application_is_told_where_they_are(home: Path) -> None:
    env = Servers("dev").env()
    assert env["DATABASE_URL"] == f"postgresql://labitory@/labitory?host={home}/dev/run"
    assert env["REDIS_URL"] == f"unix://{home}/dev/run/valkey.sock?db=0"
    assert env["MEDIA_ROOT"] == f"{home}/media"
    assert env["PRIVATE_ROOT"] == f"{home}/private"
    assert env["EMAIL_FILE_PATH"] == f"{home}/mail"
    assert env["DJANGO_SETTINGS_MODULE"] == "labitory.settings.development"
    assert Servers("test").env()["DJANGO_SETTINGS_MODULE"] == "labitory.settings.test"


def test_own_servers_are_taken_as_they_are(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db/lab")
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/0")
    servers = Servers("dev")
    servers.start()
    assert servers.children == []
    assert servers.are_up()
    env = servers.env()
    assert env["DATABASE_URL"] == "postgresql://me@db/lab"
    assert env["REDIS_URL"] == "redis://cache:6379/0"


def test_own_binaries_are_taken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABITORY_PG_BIN", "/usr/lib/postgresql/15/bin")
    assert Servers("dev").psql() == "/usr/lib/postgresql/15/bin/psql"


def test_they_start_answer_keep_and_stop(home: Path) -> None:
    servers = Servers("test")
    assert not servers.are_up()
    servers.start()
    try:
        assert servers.are_up()
        assert servers.sockets.stat().st_mode & 0o777 == 0o700
        url = servers.env()["DATABASE_URL"]
        ask = [servers.psql(), url, "-qAtc"]
        subprocess.run([*ask, "CREATE TABLE kept AS SELECT 7 AS n"], check=True)
        servers.stop()
        assert not servers.are_up()
        again = Servers("test")
        again.start()
        try:
            found = subprocess.check_output(
                [*ask, "SELECT n, current_setting('TimeZone') FROM kept"]
            )
            assert found == b"7|UTC\n"
        finally:
            again.stop()
    finally:
        servers.stop()


def test_a_server_that_does_not_start_names_its_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db/lab")
    monkeypatch.setenv("LABITORY_REDIS_BIN", "/bin/false")
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    with pytest.raises(SystemExit, match=r"valkey does not start: see .*valkey\.log"):
        Servers("test").start()


@pytest.mark.parametrize(("reply", "expected"), [(b"+PONG\r\n", True), (b"-ERR no\r\n", False)])
def test_only_the_right_answer_counts(home: Path, reply: bytes, expected: bool) -> None:
    address = home / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(address))
        server.listen()

        def serve() -> None:
            connection, _peer = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        assert answers(address, b"PING\r\n", b"+PONG") is expected
        thread.join()
    address.unlink()
    assert answers(address, b"PING\r\n", b"+PONG") is False


def test_a_child_speaks_under_its_name(capfd: pytest.CaptureFixture[str]) -> None:
    child = Child("speaker", [sys.executable, "-c", "print('hello')"], dict(os.environ))
    child.start()
    assert child.process is not None
    child.process.wait(10)
    said: list[str] = []

    def heard() -> bool:
        said.append(capfd.readouterr().out)
        return "speaker  | hello\n" in "".join(said)

    assert wait_until(heard)


def test_a_child_is_revived_five_times_a_minute_at_most() -> None:
    child = Child("mayfly", [sys.executable, "-c", ""], dict(os.environ))
    child.start()
    for _time in range(embedded.MOST_DEATHS):
        assert wait_until(lambda: not child.is_alive)
        assert child.revive()
    assert wait_until(lambda: not child.is_alive)
    assert not child.revive()
    child.deaths = [death - 61 for death in child.deaths]
    assert child.revive()
    assert wait_until(lambda: not child.is_alive)


def test_a_stubborn_child_is_ended(home: Path) -> None:
    log = home / "log"
    code = f"{STUBBORN}; time.sleep(60)"
    child = Child("stubborn", [sys.executable, "-c", code], dict(os.environ), log=log)
    child.start()
    assert wait_until(lambda: log.read_bytes() == b"1\n")
    child.stop(patience=0.2)
    assert not child.is_alive
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_children_end_with_a_killed_parent(home: Path) -> None:
    code = (
        "import os, time; from labitory.ops.embedded import Child;"
        "child = Child('orphan', ['sleep', '60'], dict(os.environ));"
        "child.start(); print(child.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=embedded.ROOT, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        orphan = int(parent.stdout.readline())
        assert is_alive(orphan)
        parent.kill()
    assert wait_until(lambda: not is_alive(orphan))
