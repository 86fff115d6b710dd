"""The command that mail servers hand to what came back."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from booking.management.commands import receive_bounces

COMMAND = "receive_bounces"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was handed on; only reports are believed."""
    found: list[bytes] = []

    def receive(*, raw: bytes, now: object) -> bool:
        found.append(raw)
        return raw.startswith(b"report")

    monkeypatch.setattr(receive_bounces, "receive_bounce", receive)
    return found


def test_one_mail_from_standard_input(
    taken: list[bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = SimpleNamespace(buffer=io.BytesIO(b"report" + b"x" * 2_000_000))
    monkeypatch.setattr("sys.stdin", pipe)
    call_command(COMMAND)
    assert [len(each) for each in taken] == [1_000_000]
    # What a mail server's pipe says would be returned to its sender.
    assert capsys.readouterr().out == ""


def test_a_maildir_is_read_once(
    taken: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.a").write_bytes(b"report 1")
    (tmp_path / "new" / "2.a").write_bytes(b"other")
    (tmp_path / "cur" / "3.a:2,").write_bytes(b"report 3")
    (tmp_path / "cur" / "4.a:2,RS").write_bytes(b"report 4")
    call_command(COMMAND, maildir=str(tmp_path))
    assert "3 mails read, 2 of them on mails of ours" in capsys.readouterr().out
    call_command(COMMAND, maildir=str(tmp_path))
    assert "0 mails read" in capsys.readouterr().out
    assert sorted(taken) == [b"other", b"report 1", b"report 3"]
    assert sorted(each.name for each in (tmp_path / "cur").iterdir()) == [
        "1.a:2,S",
        "2.a:2,S",
        "3.a:2,S",
        "4.a:2,RS",
    ]


def test_what_is_no_maildir_is_said(taken: list[bytes], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no Maildir"):
        call_command(COMMAND, maildir=str(tmp_path))


def test_without_a_database_the_mail_server_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("new", "cur"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.a").write_bytes(b"report")

    def fails(**_words: object) -> bool:
        raise OperationalError("away")

    monkeypatch.setattr(receive_bounces, "receive_bounce", fails)
    with pytest.raises(CommandError) as error:
        call_command(COMMAND, maildir=str(tmp_path))
    assert error.value.returncode == 75
    assert (tmp_path / "new" / "1.a").exists()
