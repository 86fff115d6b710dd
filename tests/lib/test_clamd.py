"""Uploads before a ClamAV daemon, spoken to as it speaks."""

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import LazySettings

from labitory.lib.clamd import ScanFailed, scan

# Not a virus: what this server takes for one.
BAD = b"harmful"


class Daemon:
    """Listens on a socket, reads one INSTREAM after the other and judges it."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self.seen: list[bytes] = []
        self.sizes: list[int] = []
        self.answer: bytes | None = None
        self.line = socket.socket(socket.AF_UNIX)
        self.line.bind(self.address)
        self.line.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                caller, _address = self.line.accept()
            except OSError:
                return
            with caller:
                self.talk(caller)

    def talk(self, caller: socket.socket) -> None:
        stream = caller.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", stream.read(4))[0]:
            self.sizes.append(size)
            content += stream.read(size)
        self.seen.append(content)
        found = b"stream: Test.Found FOUND\0" if BAD in content else b"stream: OK\0"
        caller.sendall(found if self.answer is None else self.answer)

    def stop(self) -> None:
        self.line.shutdown(socket.SHUT_RDWR)
        self.line.close()
        self.thread.join(5)


@pytest.fixture
def daemon(settings: LazySettings) -> Iterator[Daemon]:
    # The path of a socket must be short.
    with TemporaryDirectory(prefix="clam") as folder:
        started = Daemon(Path(folder) / "s")
        settings.CLAMD_SOCKET = started.address
        yield started
        started.stop()


def test_without_a_daemon_nobody_is_asked(settings: LazySettings) -> None:
    settings.CLAMD_SOCKET = ""
    assert scan(BAD)


def test_the_whole_content_is_sent_in_chunks(daemon: Daemon) -> None:
    content = bytes(range(256)) * 600
    assert scan(content)
    assert daemon.seen == [content]
    assert daemon.sizes == [65_536, 65_536, 22_528]


def test_what_is_found_is_said(daemon: Daemon) -> None:
    assert not scan(b"before " + BAD)
    assert scan(b"")


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: ?\0"])
def test_any_other_answer_lets_nothing_in(daemon: Daemon, answer: bytes) -> None:
    daemon.answer = answer
    with pytest.raises(ScanFailed):
        scan(b"x")


def test_a_daemon_that_is_away_lets_nothing_in(settings: LazySettings) -> None:
    settings.CLAMD_SOCKET = "/nowhere/clamd.sock"
    with pytest.raises(ScanFailed):
        scan(b"x")
