"""What `./dev doctor` says, and whether it is true."""

import os
import shutil
import socket
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from labitory.ops.doctor import Finding, examine
from labitory.ops.embedded import ROOT, hold

DATABASE_URL, REDIS_URL = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")


def findings() -> list[Finding]:
    """All of them."""
    return list(examine(root=ROOT, port="8000", port_is_free=True))


def first_about(words: str, port: str = "8000", *, port_is_free: bool = True) -> Finding:
    """The first finding with the words; what comes after it, and takes longer, is not asked."""
    found = examine(root=ROOT, port=port, port_is_free=port_is_free)
    return next(each for each in found if words in each[1])


@pytest.fixture
def own_servers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers of this test run, given from outside."""
    if DATABASE_URL is None or REDIS_URL is None:
        pytest.fail("the tests run with DATABASE_URL and REDIS_URL: use ./dev test")
    monkeypatch.setenv("DATABASE_URL", DATABASE_URL)
    monkeypatch.setenv("REDIS_URL", REDIS_URL)


@pytest.mark.usefixtures("own_servers")
def test_a_healthy_machine(home: Path) -> None:
    found = findings()
    assert (True, "port 8000 is free") in found
    assert (True, f"{home} can be written") in found
    assert (True, "servers of your own: DATABASE_URL and REDIS_URL") in found
    assert (True, "Redis answers") in found
    assert (True, "PostgreSQL answers") in found
    assert found[-1] == (True, "settings and models are consistent")


@pytest.mark.usefixtures("own_servers")
def test_a_taken_port_comes_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        told = first_about("port", port, port_is_free=False)
    way_out = "choose another: PORT=8010 ./dev run"
    assert told == (False, f"port {port} is taken: stop what uses it, or {way_out}")


@pytest.mark.usefixtures("own_servers")
def test_a_port_that_labitory_serves_is_well(live_server: LiveServer) -> None:
    port = str(live_server.thread.port)
    text = f"port {port} is taken by Labitory, which answers there"
    assert first_about("port", port, port_is_free=False) == (True, text)


@pytest.mark.usefixtures("own_servers")
def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("unshare", "setpriv", "true"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert first_about("chromium") == (False, "chromium is missing: browser tests need it")


@pytest.mark.usefixtures("own_servers")
def test_silent_servers_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDIS_URL", f"unix://{tmp_path}/none.sock?db=0")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://labitory@/labitory?host={tmp_path}")
    bad = [text for good, text in findings() if not good]
    assert len(bad) == 2
    assert bad[0].startswith("PostgreSQL does not answer:")
    assert str(tmp_path) in bad[0]
    assert bad[1].startswith("Redis does not answer:")


@pytest.mark.usefixtures("own_servers")
def test_a_wrong_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere/else")
    bad = [text for good, text in findings() if not good]
    assert "it must read postgresql://" in bad[-1]
    assert "Traceback" not in bad[-1]


def test_a_busy_command_is_told_from_a_serving_one(home: Path) -> None:
    lock = hold("dev")
    assert lock is not None
    with lock:
        assert findings()[-1] == (False, "another ./dev command is busy: try again")


def test_a_serving_site_is_well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = hold("dev")
    assert lock is not None
    with lock:
        monkeypatch.setenv("DATABASE_URL", str(DATABASE_URL))
        monkeypatch.setenv("REDIS_URL", str(REDIS_URL))
        assert first_about("./dev") == (True, "./dev run is serving")
