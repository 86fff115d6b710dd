"""A real gunicorn for the time of a benchmark, and clients that keep their connections."""

import http.client
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User
from labitory.ops.embedded import Child

WORKERS = 3
# The server closes what is idle for five seconds; a request in that moment would be lost.
_FRESH_SECONDS = 2


@contextmanager
def served(database_url: str, *, workers: int = WORKERS) -> Iterator[Path]:
    """Serve the site on a unix socket by gunicorn as it is deployed; gives the socket."""
    folder = Path(tempfile.mkdtemp(prefix="labitory-bench-"))
    address, log = folder / "http.sock", folder / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
    # A worker that renews itself in the middle would be measured as well.
    command += ["--max-requests", "0", "-b", f"unix:{address}", "labitory.wsgi"]
    env = {**os.environ, "DATABASE_URL": database_url, "WEB_CONCURRENCY": str(workers)}
    child = Child("gunicorn", command, env, log=log)
    child.start()
    try:
        _wait_until_ready(address, child, log)
        yield address
    finally:
        child.stop()
        shutil.rmtree(folder)


def _wait_until_ready(address: Path, child: Child, log: Path) -> None:
    for _attempt in range(300):
        if not child.is_alive:
            break
        try:
            if Client(address, "").send("GET", "/health/ready").status == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"gunicorn does not serve:\n{log.read_text(errors='replace')}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, and after how long."""

    status: int
    body: dict[str, Any]
    ms: float


class Client:
    """One person's program: a token and one kept connection."""

    def __init__(self, address: Path, token: str) -> None:
        self.address, self.token = address, token
        self.connection = _UnixConnection(address)
        self.last = 0.0

    def send(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> Answer:
        """Send a request and read the whole answer."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if found := self.token if token is None else token:
            headers["Authorization"] = f"Bearer {found}"
        sent = None if body is None else json.dumps(body).encode()
        begun = time.perf_counter()
        if begun - self.last > _FRESH_SECONDS:
            self.connection.close()
        self.connection.request(method, path, body=sent, headers=headers)
        response = self.connection.getresponse()
        read = response.read()
        self.last = time.perf_counter()
        return Answer(status=response.status, body=_parsed(read), ms=(self.last - begun) * 1000)

    def close(self) -> None:
        """Hang up."""
        self.connection.close()


class Browser:
    """One browser at an address of its own, which our proxy tells; it keeps its cookies."""

    def __init__(self, address: Path, visitor: str) -> None:
        self.connection = _UnixConnection(address)
        self.visitor = visitor
        # Long enough to be taken for one of the site's own.
        self.cookies = {"csrftoken": secrets.token_hex(16)}

    def log_in(self, name: str, password: str) -> Answer:
        """Send the form of the login."""
        fields = {"username": name, "password": password}
        sent = urlencode({**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"]})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
            "X-Forwarded-For": self.visitor,
        }
        begun = time.perf_counter()
        self.connection.request("POST", "/accounts/login", body=sent, headers=headers)
        response = self.connection.getresponse()
        response.read()
        took = time.perf_counter() - begun
        self.connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {key: found.value for key, found in SimpleCookie(line).items()}
        return Answer(status=response.status, body={}, ms=took * 1000)

    def forget_session(self) -> None:
        """Log out without asking, as a browser does that is closed: it stays known."""
        self.cookies.pop(settings.SESSION_COOKIE_NAME, None)


def token_of(user: User) -> str:
    """An access token, as logging in would give."""
    return str(RefreshToken.for_user(user).access_token)


def _parsed(read: bytes) -> dict[str, Any]:
    try:
        found = json.loads(read)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, address: Path) -> None:
        super().__init__("127.0.0.1", timeout=60)
        self.address = str(address)

    def connect(self) -> None:
        """Connect to the socket instead of a port."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.address)
