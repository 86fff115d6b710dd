"""The list of breached passwords is searched on the disk, whatever its form."""

import hashlib
import random
from pathlib import Path
from typing import BinaryIO

import pytest

from accounts import breaches
from accounts.breaches import is_breached

WORDS = [f"password{number}" for number in range(500)]


def sha1(word: str) -> str:
    return hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()


def written(path: Path, *, counted: bool, end: str, lower: bool = False, last: bool = True) -> Path:
    lines = sorted(sha1(word) for word in WORDS)
    if counted:
        numbers = random.Random(1)
        lines = [f"{line}:{numbers.choice([1, 22, 10_434_004])}" for line in lines]
    text = end.join(lines) + (end if last else "")
    path.write_bytes((text.lower() if lower else text).encode())
    return path


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_every_password_of_the_list_is_found_and_no_other(
    tmp_path: Path, counted: bool, end: str, last: bool
) -> None:
    path = written(tmp_path / "list", counted=counted, end=end, last=last)
    assert all(is_breached(word, path) for word in WORDS)
    assert not any(is_breached(f"{word}!", path) for word in WORDS)


def test_small_letters_will_do(tmp_path: Path) -> None:
    path = written(tmp_path / "list", counted=False, end="\n", lower=True)
    assert is_breached("password7", path)
    assert not is_breached("passwort7", path)


@pytest.mark.parametrize("text", ["", "\n", sha1("a"), f"{sha1('a')}:3\n"])
def test_short_lists_are_lists(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list"
    path.write_text(text)
    assert is_breached("a", path) == bool(text.strip())
    assert not is_breached("b", path)


def test_a_huge_list_is_not_read_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list"
    middle = sha1("in the middle")
    with path.open("wb") as lines:
        for first in range(0x10000):
            head = f"{first:04X}"
            if middle.startswith(head):
                lines.write(f"{middle}:1\n".encode())
            lines.write(f"{head}{'F' * 36}:{first}\n".encode())
    asked: list[int] = []
    plain = breaches._line_from

    def counted(lines: BinaryIO, offset: int) -> bytes:
        asked.append(offset)
        return plain(lines, offset)

    monkeypatch.setattr(breaches, "_line_from", counted)
    assert is_breached("in the middle", path)
    assert len(asked) < 40
