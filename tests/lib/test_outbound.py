"""The door to other servers: what may be called, and what comes back."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

import pytest
from django.conf import LazySettings

from labitory.lib import outbound
from labitory.lib.outbound import AddressRefused, NoAnswer, check_address, send
from tests.support.http_server import Recorder, Said, http_server


@pytest.fixture
def server() -> Iterator[Recorder]:
    with http_server() as recorder:
        yield recorder


def resolves_to(monkeypatch: pytest.MonkeyPatch, *places: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (place, 0)) for place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_words: found)


@pytest.mark.parametrize(
    "place",
    [
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "224.0.0.1",
        "100.64.0.1",
        # The address of IPv4 within: of the machine itself, and of the cloud's metadata.
        "2002:7f00:1::",
        "64:ff9b::a9fe:a9fe",
        "::7f00:1",
        "fec0::1",
    ],
)
def test_a_name_that_leads_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings, place: str
) -> None:
    settings.OUTBOUND_NETWORKS = []
    # One good address beside it does not help.
    resolves_to(monkeypatch, "93.184.215.14", place)
    with pytest.raises(AddressRefused, match="private network"):
        check_address("https://hooks.example.org/in")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.org/", "whole address"),
        ("https://", "whole address"),
        ("example.org", "whole address"),
        ("https://example.org:0/", "whole address"),
        ("https://example.org:99999/", "whole address"),
        ("https://[", "whole address"),
        ("https://a\u2100b.example.org/", "whole address"),
        ("https://eve:secret@example.org/", "Name and password"),
        ("http://example.org/", "https://"),
    ],
)
def test_what_is_no_address_of_another_server_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, why: str
) -> None:
    resolves_to(monkeypatch, "93.184.215.14")
    with pytest.raises(AddressRefused, match=why):
        check_address(url)


def test_where_only_ipv6_is_spoken_the_world_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, "64:ff9b::5db8:d70e")
    check_address("https://hooks.example.org/in")


def test_names_in_any_letters_are_called(monkeypatch: pytest.MonkeyPatch, server: Recorder) -> None:
    ask, port = socket.getaddrinfo, int(server.url.rpartition(":")[2])
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _name, *rest, **words: ask("127.0.0.1", *rest, **words)
    )
    assert send("GET", f"http://пример.example:{port}/").status == 200
    assert server.asked[0].headers["host"] == f"xn--e1afmkfd.example:{port}"


def test_a_header_that_cannot_be_written_is_no_fault_of_ours(server: Recorder) -> None:
    with pytest.raises(NoAnswer, match="header"):
        send("GET", server.url, headers={"If-Match": "a\r\nb: c"})
    assert server.asked == []


def test_networks_of_the_lab_may_be_opened(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.OUTBOUND_NETWORKS = ["10.1.0.0/16"]
    resolves_to(monkeypatch, "10.1.2.3")
    check_address("http://calendar.lab.example.org/")


def test_the_request_arrives_as_it_was_sent_and_redirects_are_answers(server: Recorder) -> None:
    server.answer = lambda _asked: Said(status=302, body=b"away", headers={"Location": "/b"})
    answer = send("POST", f"{server.url}/a?b=c", body=b"{}", headers={"X-Sign": "1"})
    assert (answer.status, answer.body, answer.headers["location"]) == (302, b"away", "/b")
    [asked] = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/a?b=c", b"{}")
    assert asked.headers["x-sign"] == "1"
    assert asked.headers["host"] == server.url.removeprefix("http://")


def test_an_answer_without_end_is_not_read(server: Recorder) -> None:
    server.answer = lambda _asked: Said(body=b"x" * 1001)
    with pytest.raises(NoAnswer, match="more than 1000 bytes"):
        send("GET", server.url, most=1000)


def test_nobody_there_is_said(server: Recorder) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(NoAnswer, match="NewConnectionError"):
        send("GET", f"http://127.0.0.1:{port}/")


def test_a_server_without_a_certificate_is_not_spoken_to(server: Recorder) -> None:
    with pytest.raises(NoAnswer, match="SSL"):
        send("GET", server.url.replace("http://", "https://"))
    assert server.asked == []


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_trickle_of_bytes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    monkeypatch.setattr(outbound, "WHOLE_SECONDS", 0.2)
    door, is_over = socket.create_server(("127.0.0.1", 0)), Event()

    def trickle() -> None:
        asked, _address = door.accept()
        with asked, suppress(OSError):
            asked.sendall(head)
            while not is_over.wait(0.02):
                asked.sendall(b"x")

    serving = Thread(target=trickle, daemon=True)
    serving.start()
    begun = monotonic()
    with pytest.raises(NoAnswer):
        send("GET", f"http://127.0.0.1:{door.getsockname()[1]}/")
    assert monotonic() - begun < 5
    is_over.set()
    serving.join()
    door.close()
