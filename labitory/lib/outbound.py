"""The one door through which Labitory calls other servers by HTTP.

Addresses that people type lead anywhere: what a name resolves to is looked at before anything is
sent, and the connection goes to the very address that was looked at. Private and own addresses are
refused unless `OUTBOUND_NETWORKS` names them; those may be called without TLS, all others not.
"""

import ipaddress
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Timer
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _

LONGEST_ANSWER = 1_000_000
CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
# For all of it: who sends a byte each second holds nobody up.
WHOLE_SECONDS = 30.0
# Where networks without IPv4 reach it (RFC 6052).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(ValueError):
    """The address may not be called; says why, for the person who typed it."""


class NoAnswer(OSError):
    """Nobody answered in time, or with more than is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side said; header names are in lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def check_address(url: str) -> None:
    """Refuse an address that may not be called, in words; asks the resolver of names."""
    _places(url)


def send(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    most: int = LONGEST_ANSWER,
) -> Answer:
    """Send one request and read its answer, whatever its status; redirects are not followed.

    Raises AddressRefused, or NoAnswer for all that may pass: a name that is not found, a refused
    connection, a wrong certificate, a time limit, an answer of more than `most` bytes.
    """
    address, *_others = _places(url)
    parts = urlsplit(url)
    # As it was looked up: a header cannot hold all letters that a name may have.
    host = (parts.hostname or "").encode("idna").decode()
    named = f"[{host}]" if ":" in host else host
    named += f":{parts.port}" if parts.port else ""
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address, parts.port or 443, timeout=timeout, server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, parts.port or 80, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    said = {"Host": named, "User-Agent": "Labitory", **(headers or {})}
    try:
        with pool, _hurried(pool):
            answer = pool.urlopen(
                method, target, body=body, headers=said, retries=False, preload_content=False
            )
            # What is not read to its end keeps its line open, unless it is hung up.
            with answer:
                read = answer.read(most + 1)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        # A ValueError: a header that cannot be written, such as one that another server named.
        raise NoAnswer(f"{host}: {type(error).__name__}: {error}") from error
    if len(read) > most:
        raise NoAnswer(f"{host}: the answer has more than {most} bytes")
    found = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(status=answer.status, body=read, headers=found)


@contextmanager
def _hurried(pool: urllib3.HTTPConnectionPool) -> Iterator[None]:
    """Hang up when the block takes too long; the limits above count anew with each byte."""
    lines: list[socket.socket] = []
    make = pool.ConnectionCls

    def note(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever urllib3 passes
        connection: Any = make(*args, **kwargs)
        dial = connection._new_conn

        def dialled() -> socket.socket:
            line: socket.socket = dial()
            # Another end of the same line: TLS and answers take the first one over.
            lines.append(line.dup())
            return line

        connection._new_conn = dialled
        return connection

    is_late = Event()

    def hang_up() -> None:
        is_late.set()
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    pool.ConnectionCls = note  # type: ignore[assignment]
    timer = Timer(WHOLE_SECONDS, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        for line in lines:
            line.close()
    if is_late.is_set():
        raise TimeoutError(f"no whole answer within {WHOLE_SECONDS:g} seconds")


def _places(url: str) -> list[str]:
    """What the address resolves to, when all of it may be called."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise AddressRefused(_("Write a whole address: https://server.example.org/path."))
    if parts.username or parts.password:
        raise AddressRefused(_("Name and password do not belong into the address."))
    try:
        found = socket.getaddrinfo(parts.hostname, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"{parts.hostname} is not known: {error}") from error
    places = list(dict.fromkeys(str(each[4][0]) for each in found))
    for place in places:
        _check_place(place, parts.scheme)
    return places


def _check_place(place: str, scheme: str) -> None:
    address = _meant(ipaddress.ip_address(place.partition("%")[0]))
    networks = (ipaddress.ip_network(each, strict=False) for each in settings.OUTBOUND_NETWORKS)
    if any(address in network for network in networks):
        return
    # The old local addresses of IPv6 (fec0::/10) count as global.
    is_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    if not address.is_global or address.is_multicast or address.is_reserved or is_local:
        raise AddressRefused(
            _("This address lies within a private network; administrators may open it.")
        )
    if scheme != "https":
        raise AddressRefused(_("Only addresses that begin with https:// can be used."))


def _meant(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that is written as one of IPv6, where it is one: there it leads."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
