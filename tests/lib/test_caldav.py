"""Calendar servers that answer as none should: a no in words, never a fault of ours."""

from collections.abc import Iterator

import pytest

from labitory.lib.caldav import (
    Account,
    CalDavError,
    find_calendars,
    list_changes,
    read_entries,
    write_entry,
)
from tests.support.http_server import Recorder, Said, http_server

LONG = "x" * 2000
BOMB = (
    '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
    '<d:multistatus xmlns:d="DAV:">&c;</d:multistatus>'
)


@pytest.fixture
def server() -> Iterator[Recorder]:
    with http_server() as recorder:
        yield recorder


@pytest.fixture
def account(server: Recorder) -> Account:
    return Account(url=f"{server.url}/cal/", username="ada", password="secret")


def listing(*, href: str = "/cal/1.ics", etag: str = "1", known: str = "t") -> bytes:
    return (
        '<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop><d:getetag>{etag}</d:getetag>"
        "<d:resourcetype><c:calendar/></d:resourcetype><c:calendar-data>x</c:calendar-data>"
        "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        f"<d:sync-token>{known}</d:sync-token></d:multistatus>"
    ).encode()


def answers(server: Recorder, body: bytes, status: int = 207, **headers: str) -> None:
    said = Said(status=status, body=body, headers=headers)
    server.answer = lambda _asked: said


@pytest.mark.parametrize(
    "body",
    [
        listing(href="https://["),
        listing(href=f"/cal/{LONG}"),
        listing(href="https://elsewhere.example.org/cal/"),
        listing(etag=LONG),
        listing(etag="a&#10;b"),
        BOMB.encode(),
        b"<not-closed",
        b"\xff\xfe",
    ],
)
def test_a_list_of_nonsense_is_refused(server: Recorder, account: Account, body: bytes) -> None:
    answers(server, body)
    with pytest.raises(CalDavError):
        list_changes(account, "t")
    with pytest.raises(CalDavError):
        read_entries(account, [f"{account.url}1.ics"])


def test_a_version_without_end_is_refused(server: Recorder, account: Account) -> None:
    answers(server, b"", 201, ETag=LONG)
    with pytest.raises(CalDavError, match="version"):
        write_entry(account, f"{account.url}1.ics", b"x", etag="")


def test_a_token_that_cannot_be_kept_is_asked_for_no_more(
    server: Recorder, account: Account
) -> None:
    answers(server, listing(known=LONG))
    changes = list_changes(account, "t")
    assert (changes.token, list(changes.etags.values())) == ("", ["1"])


@pytest.mark.parametrize("place", ["https://elsewhere.example.org/", f"/{LONG}"])
def test_it_sends_nobody_elsewhere(server: Recorder, account: Account, place: str) -> None:
    answers(server, b"", 302, Location=place)
    with pytest.raises(CalDavError):
        find_calendars(account)
    assert len(server.asked) == 1
