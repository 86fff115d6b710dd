"""Uploads before a ClamAV daemon, spoken to as it speaks."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from labitory.lib.clamd import ScanFailed, scan
from tests.support.clamd import BAD, ScanDaemon, scan_daemon


@pytest.fixture
def daemon(settings: LazySettings) -> Iterator[ScanDaemon]:
    with scan_daemon() as started:
        settings.CLAMD_SOCKET = started.address
        yield started


def test_without_a_daemon_nobody_is_asked(settings: LazySettings) -> None:
    settings.CLAMD_SOCKET = ""
    assert scan(BAD)


def test_the_whole_content_is_sent_in_chunks(daemon: ScanDaemon) -> None:
    content = bytes(range(256)) * 600
    assert scan(content)
    assert daemon.seen == [content]
    assert daemon.sizes == [65_536, 65_536, 22_528]


def test_what_is_found_is_said(daemon: ScanDaemon) -> None:
    assert not scan(b"before " + BAD)
    assert scan(b"")


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: ?\0"])
def test_any_other_answer_lets_nothing_in(daemon: ScanDaemon, answer: bytes) -> None:
    daemon.answer = answer
    with pytest.raises(ScanFailed):
        scan(b"x")


def test_a_daemon_that_is_away_lets_nothing_in(settings: LazySettings) -> None:
    settings.CLAMD_SOCKET = "/nowhere/clamd.sock"
    with pytest.raises(ScanFailed):
        scan(b"x")
