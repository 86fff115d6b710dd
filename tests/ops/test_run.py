"""`./dev run`, from an empty folder to a served site and back to nothing."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labitory.ops.embedded import ROOT
from tests.ops.conftest import OUTSIDE

PATIENCE = 180
LOGINS = (
    "Log in as ada (student), ben (academic), chris (lab manager), dora (administrator), "
    "eve (outsider); password labitory-demo"
)


def free_port() -> int:
    """A port that nothing uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(port: int, path: str) -> bytes:
    """What the site answers with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == http.client.OK, path
        return answer.read()
    finally:
        connection.close()


def processes_of(home: Path) -> str:
    """The command lines of living processes that know of this home, but for our own."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            # Servers write their title over their arguments, some over their environment.
            if str(home) in line or str(home).encode() in (folder / "environ").read_bytes():
                found.append(line)
        except OSError:
            continue
    return "\n".join(found)


def links_lead_to(home: Path) -> set[str]:
    """The addresses that the processes of this home put into mails."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if f"LABITORY_HOME={home}" in environment:
            found |= {each for each in environment if each.startswith("SITE_URL=")}
    return found


@pytest.mark.xdist_group("dev-run")
def test_serves_says_where_and_leaves_nothing(home: Path) -> None:
    port = free_port()
    variables = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    variables |= {"LABITORY_HOME": str(home), "LABITORY_NO_DEMO": "1", "PORT": str(port)}
    variables.pop("DJANGO_SETTINGS_MODULE", None)
    lines: list[str] = []
    with subprocess.Popen(
        [sys.executable, str(ROOT / "dev"), "run"],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as site:
        guard = threading.Timer(PATIENCE, site.kill)
        guard.start()
        try:
            assert site.stdout is not None
            for line in site.stdout:
                lines.append(line.rstrip())
                if line.startswith("Log in as"):
                    break
            assert lines[-2:] == [f"Labitory is at http://127.0.0.1:{port}/", LOGINS], "\n".join(
                lines
            )
            style = re.search(
                rb'href="(/static/css/labitory[^"]*)"', fetch(port, "/accounts/login")
            )
            assert style is not None
            assert b"--ink" in fetch(port, style[1].decode())
            running = processes_of(home)
            for name in (
                "postgres -D",
                "valkey-server",
                "gunicorn",
                "uvicorn",
                "celery",
                " worker ",
                " beat ",
            ):
                assert name in running, f"{name} does not run:\n{running}"
            assert links_lead_to(home) == {f"SITE_URL=http://127.0.0.1:{port}"}
            site.send_signal(signal.SIGINT)
            lines += site.stdout.read().splitlines()
            assert site.wait(30) == 0
        finally:
            guard.cancel()
            site.send_signal(signal.SIGTERM)
    assert processes_of(home) == ""
    assert not any("Traceback" in line for line in lines), "\n".join(lines)
