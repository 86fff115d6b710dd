"""A ClamAV daemon of our own: speaks INSTREAM, and finds one harmless word."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

# Not a virus: what this server takes for one.
BAD = b"harmful"


class ScanDaemon:
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
        """One caller after the other."""
        while True:
            try:
                caller, _address = self.line.accept()
            except OSError:
                return
            with caller:
                self.talk(caller)

    def talk(self, caller: socket.socket) -> None:
        """Read one content and judge it."""
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
        """Listen no more."""
        self.line.shutdown(socket.SHUT_RDWR)
        self.line.close()
        self.thread.join(5)


@contextmanager
def scan_daemon() -> Iterator[ScanDaemon]:
    """One that listens for the time of a test."""
    # The path of a socket must be short.
    with TemporaryDirectory(prefix="clam") as folder:
        started = ScanDaemon(Path(folder) / "s")
        try:
            yield started
        finally:
            started.stop()
