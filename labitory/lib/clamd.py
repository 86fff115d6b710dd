"""Asking a ClamAV daemon whether an upload carries something known to be harmful."""

import socket
import struct
from contextlib import closing

import structlog
from django.conf import settings

logger = structlog.get_logger(__name__)
_CHUNK = 65_536
_PATIENCE = 20
_LONGEST_ANSWER = 4096


class ScanFailed(Exception):
    """The daemon is configured and did not say that the content is clean."""


def scan(content: bytes) -> bool:
    """Whether the content is clean; without CLAMD_SOCKET nobody is asked.

    Raises ScanFailed where the daemon is away or answers anything else: what was not looked at is
    not let in.
    """
    if not settings.CLAMD_SOCKET:
        return True
    try:
        with closing(socket.socket(socket.AF_UNIX)) as line:
            line.settimeout(_PATIENCE)
            line.connect(settings.CLAMD_SOCKET)
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                part = content[start : start + _CHUNK]
                line.sendall(struct.pack("!L", len(part)) + part)
            line.sendall(struct.pack("!L", 0))
            answer = _read(line)
    except OSError as error:
        raise ScanFailed(str(error)) from error
    if answer == "stream: OK":
        return True
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        logger.warning("upload.infected", found=answer)
        return False
    raise ScanFailed(answer[:200])


def _read(line: socket.socket) -> str:
    """The answer up to its zero byte."""
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        part = line.recv(_LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
