"""Whether a password is in the list of those that were found in breaches."""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

_LENGTH = 40


def is_breached(password: str, path: Path) -> bool:
    """Whether the password's SHA-1 is in the file: sorted, one a line, perhaps `:count` after it.

    The file may be as large as it likes: it is searched on the disk, some forty lines a password.
    Raises OSError when it cannot be read.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as lines:
        return _search(lines, wanted, os.fstat(lines.fileno()).st_size)


def _search(lines: BinaryIO, wanted: bytes, size: int) -> bool:
    """Halve the part of the file in which a line that begins there could be the one."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        found = _line_from(lines, middle)
        if not found or found >= wanted:
            high = middle
        else:
            low = middle + 1
    return _line_from(lines, low) == wanted


def _line_from(lines: BinaryIO, offset: int) -> bytes:
    """The hash in the first line that begins at the offset or after it; nothing at the end."""
    if offset:
        lines.seek(offset - 1)
        lines.readline()
    else:
        lines.seek(0)
    return lines.readline()[:_LENGTH].strip().upper()
