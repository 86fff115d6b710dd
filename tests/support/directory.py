"""A small LDAP server that runs in the tests: bind, search and StartTLS of RFC 4511."""

import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ldap3.protocol.rfc4511 import (
    BindResponse,
    ExtendedResponse,
    LDAPMessage,
    MessageID,
    PartialAttribute,
    PartialAttributeList,
    ProtocolOp,
    ResultCode,
    SearchResultDone,
    SearchResultEntry,
    Vals,
)
from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import SubstrateUnderrunError

SUCCESS, NO_SUCH_OBJECT, INVALID_CREDENTIALS = 0, 32, 49
_PLACE = re.compile(r"^uid=([^,]+),ou=people,dc=example,dc=org$", re.IGNORECASE)


@dataclass(kw_only=True)
class TestDirectory:
    """Whom it knows: names with their password and attributes."""

    __test__ = False
    url: str = ""
    people: dict[str, tuple[str, dict[str, list[str]]]] = field(default_factory=dict)
    binds: list[tuple[str, bool]] = field(default_factory=list)
    context: ssl.SSLContext | None = None

    def may_bind(self, dn: str, password: str) -> bool:
        """Like real servers: nobody without a password is let in, as nobody."""
        if not password:
            return True
        found = _PLACE.match(dn)
        known = self.people.get(found[1].casefold()) if found else None
        return known is not None and known[0] == password

    def search(self, base: str, wanted: str) -> list[tuple[str, dict[str, list[str]]]]:
        """People at a place or below it whose `uid` is asked for."""
        place = _PLACE.match(base)
        names = [place[1].casefold()] if place else list(self.people)
        if wanted:
            names = [name for name in names if name == wanted.casefold()]
        return [
            (f"uid={name},ou=people,dc=example,dc=org", self.people[name][1])
            for name in names
            if name in self.people
        ]


class _Handler(socketserver.BaseRequestHandler):
    directory: ClassVar[TestDirectory]
    request: socket.socket

    def handle(self) -> None:
        """One connection, message by message."""
        rest, is_safe = b"", False
        while True:
            try:
                message, rest = decoder.decode(rest, asn1Spec=LDAPMessage())
            except SubstrateUnderrunError:
                more = self.request.recv(65_536)
                if not more:
                    return
                rest += more
                continue
            kind = message["protocolOp"].getName()
            if kind == "unbindRequest":
                return
            asked = message["protocolOp"][kind]
            if kind == "bindRequest":
                self._bind(message, asked, is_safe)
            elif kind == "searchRequest":
                self._search(message, asked)
            elif kind == "extendedReq" and self.directory.context is not None:
                self._say(message, "extendedResp", _result(ExtendedResponse(), SUCCESS))
                if not self._wrap(self.directory.context):
                    return
                is_safe = True

    def finish(self) -> None:
        """The encrypted socket is ours to close."""
        self.request.close()

    def _wrap(self, context: ssl.SSLContext) -> bool:
        safe = context.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
        self.request = safe
        try:
            safe.do_handshake()
        except (ssl.SSLError, ConnectionError):
            # Whoever came does not like our certificate.
            return False
        return True

    def _bind(self, message: Any, asked: Any, is_safe: bool) -> None:
        dn, password = str(asked["name"]), str(asked["authentication"]["simple"])
        self.directory.binds.append((dn, is_safe))
        good = self.directory.may_bind(dn, password)
        code = SUCCESS if good else INVALID_CREDENTIALS
        self._say(message, "bindResponse", _result(BindResponse(), code))

    def _search(self, message: Any, asked: Any) -> None:
        found = self.directory.search(str(asked["baseObject"]), _wanted_uid(asked["filter"]))
        for dn, attributes in found:
            entry = SearchResultEntry()
            entry["object"] = dn
            kept = PartialAttributeList()
            for at, (name, values) in enumerate(attributes.items()):
                attribute = PartialAttribute()
                attribute["type"] = name
                held = Vals()
                for place, value in enumerate(values):
                    held.setComponentByPosition(place, value.encode())
                attribute["vals"] = held
                kept.setComponentByPosition(at, attribute)
            entry["attributes"] = kept
            self._say(message, "searchResEntry", entry)
        code = SUCCESS if found else NO_SUCH_OBJECT
        self._say(message, "searchResDone", _result(SearchResultDone(), code))

    def _say(self, message: Any, kind: str, answer: Any) -> None:
        said = LDAPMessage()
        said["messageID"] = MessageID(int(message["messageID"]))
        said["protocolOp"] = ProtocolOp().setComponentByName(kind, answer)
        self.request.sendall(encoder.encode(said))


def _result(answer: Any, code: int) -> Any:
    answer["resultCode"] = ResultCode(code)
    answer["matchedDN"] = ""
    answer["diagnosticMessage"] = ""
    return answer


def _wanted_uid(asked: Any) -> str:
    if asked.getName() != "equalityMatch":
        return ""
    match = asked["equalityMatch"]
    return str(match["assertionValue"]) if str(match["attributeDesc"]) == "uid" else ""


@contextmanager
def directory_server(key: Path | None = None) -> Iterator[TestDirectory]:
    """A directory that answers for a while; with a key and certificate in one file by StartTLS."""
    directory = TestDirectory()
    if key is not None:
        directory.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        directory.context.load_cert_chain(key)
    handler = type("OwnHandler", (_Handler,), {"directory": directory})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    directory.url = f"ldap://localhost:{server.server_address[1]}"
    try:
        yield directory
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
