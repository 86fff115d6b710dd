"""The one command of developers says what it can do, and why it does not."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from labitory.ops.embedded import ROOT, hold

COMMANDS = ("run", "test", "bench", "manage", "psql", "doctor", "reset")


def dev(*arguments: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it in a home of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "dev"), *arguments],
        env={**os.environ, "LABITORY_HOME": str(home), **variables},
        input="",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("word", ["help", "-h", "--help"])
def test_help_names_every_command(word: str, tmp_path: Path) -> None:
    done = dev(word, home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("  ")}
    assert tuple(lines) == COMMANDS
    assert all(len(line.split()) > 3 and line.endswith(".") for line in lines.values())


def test_no_command_is_help(tmp_path: Path) -> None:
    assert dev(home=tmp_path).stdout == dev("help", home=tmp_path).stdout


def test_an_unknown_command_is_an_error_with_help(tmp_path: Path) -> None:
    done = dev("fly", home=tmp_path)
    assert done.returncode == 2
    assert done.stdout == dev("help", home=tmp_path).stdout


def test_a_taken_port_is_a_sentence_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = dev("run", home=tmp_path, PORT=port)
    assert done.returncode == 1
    assert done.stderr == (
        f"dev: port {port} is taken: stop what uses it, or choose another: PORT=8010 ./dev run\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_are_a_sentence(home: Path) -> None:
    lock = hold("dev")
    assert lock is not None
    with lock:
        run = dev("run", home=home, PORT="0")
        psql = dev("psql", home=home)
        reset = dev("reset", "--yes", home=home)
    assert run.stderr == "dev: another ./dev command uses the development servers: stop it first\n"
    assert psql.stderr == (
        "dev: another ./dev command is starting or stopping the dev servers: try again\n"
    )
    assert reset.stderr == "dev: stop the other ./dev commands first\n"
    assert home.is_dir()


def test_reset_deletes_the_home_when_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "dev/media").mkdir(parents=True)
    done = dev("reset", "--yes", home=home)
    assert (done.returncode, done.stdout) == (0, f"dev: {home} is deleted\n")
    assert not home.exists()


def test_no_moment_is_wrong_for_a_signal() -> None:
    program = f"""
import importlib.machinery, importlib.util, signal
loader = importlib.machinery.SourceFileLoader("dev", {str(ROOT / "dev")!r})
dev = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev", loader))
loader.exec_module(dev)
for _attempt in range(1000):
    stop = dev.Stop()
    signal.signal(signal.SIGALRM, stop.ask)
    signal.setitimer(signal.ITIMER_REAL, 1e-4)
    while not stop.wait(1e-5):
        pass
"""
    done = subprocess.run([sys.executable, "-B", "-c", program], check=False, timeout=60)
    assert done.returncode == 0
