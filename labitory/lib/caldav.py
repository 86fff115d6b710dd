"""Calendars on other servers: what of CalDAV (RFC 4791, RFC 6578) it takes to keep a copy there.

All calls go through `labitory.lib.outbound`. Links that a server gives are followed on that server
alone: name and password are told to nobody else.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from xml.sax.saxutils import escape

from defusedxml.ElementTree import ParseError, fromstring
from django.utils.translation import gettext as _

from labitory.lib.outbound import Answer, send

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DAV, _CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_SPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
_MOST_REDIRECTS = 3
# What of a server's answers is kept; an entry's address is its calendar's and some more letters.
_LONGEST_HREF, _LONGEST_ETAG, _LONGEST_TOKEN = 950, 200, 500
# A list of ten thousand entries has about two million bytes.
_LONGEST_LIST = 8_000_000


class CalDavError(OSError):
    """The server did not do what was asked; says what it answered."""


class NoEntry(CalDavError):
    """The server does not let this name and password in, or not write there."""


class Overtaken(CalDavError):
    """The entry there is another than was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where, and as whom."""

    url: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is there by address, with the server's name of each version.

    With `is_all` it is all that lies there; otherwise what changed since the token, and `gone`.
    """

    token: str
    etags: dict[str, str]
    gone: frozenset[str] = frozenset()
    is_all: bool = False


def find_calendars(account: Account) -> list[tuple[str, str]]:
    """Address and name of each calendar that takes events, whatever address of the server it is."""
    if found := _list_calendars(account, account.url, depth="0"):
        return found
    home = account.url
    for space, asked in (("d", "current-user-principal"), ("c", "calendar-home-set")):
        answer = _ask(account, "PROPFIND", home, _prop(f"<{space}:{asked}/>"), depth="0")
        for prop in _props(answer, home).values():
            inner = prop.find(f"{_DAV if space == 'd' else _CAL}{asked}/{_DAV}href")
            if inner is not None and inner.text:
                home = _on_same_server(home, inner.text)
    return _list_calendars(account, home, depth="1")


def list_changes(account: Account, token: str) -> Changes:
    """What changed since the token; everything without one, or where the server forgot it."""
    body = (
        f"<d:sync-collection {_SPACES}><d:sync-token>{escape(token)}</d:sync-token>"
        "<d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>"
    )
    answer = _call(account, "REPORT", account.url, body, {"Depth": "0"})
    if answer.status in (400, 403, 409, 412, 507) and token:
        return list_changes(account, "")
    if answer.status != HTTPStatus.MULTI_STATUS:
        return _list_all(account)
    etags, gone = _etags(answer, account.url)
    found = _parse(answer).find(f"{_DAV}sync-token")
    now = (found.text or "") if found is not None else ""
    # Without one that can be kept all is read each time.
    now = now if len(now) <= _LONGEST_TOKEN else ""
    return Changes(token=now, etags=etags, gone=gone, is_all=not token)


def read_entries(account: Account, addresses: Iterable[str]) -> dict[str, tuple[str, bytes]]:
    """Version and content of each of the entries that is there."""
    hrefs = "".join(f"<d:href>{escape(urlsplit(each).path)}</d:href>" for each in addresses)
    if not hrefs:
        return {}
    body = (
        f"<c:calendar-multiget {_SPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>"
        f"{hrefs}</c:calendar-multiget>"
    )
    answer = _ask(account, "REPORT", account.url, body, depth="1")
    found = {}
    for href, prop in _props(answer, account.url).items():
        data = prop.findtext(f"{_CAL}calendar-data")
        if data:
            found[href] = (_version(prop.findtext(f"{_DAV}getetag")), data.encode())
    return found


def write_entry(account: Account, address: str, content: bytes, *, etag: str) -> str:
    """Write an entry over the version that is named; without one it must be new.

    Gives the new version's name, empty where the server does not say it. Raises `Overtaken`.
    """
    condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
    headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
    answer = _call(account, "PUT", address, content, headers)
    if answer.status == HTTPStatus.PRECONDITION_FAILED:
        raise Overtaken(address)
    _require(answer, 200, 201, 204)
    return _version(answer.headers.get("etag"))


def delete_entry(account: Account, address: str) -> None:
    """Take an entry away; one that is gone already is fine."""
    _require(_call(account, "DELETE", address, b"", {}), 200, 202, 204, 404, 410)


def _list_all(account: Account) -> Changes:
    answer = _ask(account, "PROPFIND", account.url, _prop("<d:getetag/>"), depth="1")
    etags, _gone = _etags(answer, account.url)
    return Changes(token="", etags=etags, is_all=True)


def _list_calendars(account: Account, url: str, *, depth: str) -> list[tuple[str, str]]:
    wanted = "<d:resourcetype/><d:displayname/><c:supported-calendar-component-set/>"
    answer = _ask(account, "PROPFIND", url, _prop(wanted), depth=depth)
    found = []
    for href, prop in _props(answer, url).items():
        if prop.find(f"{_DAV}resourcetype/{_CAL}calendar") is None:
            continue
        kinds = prop.find(f"{_CAL}supported-calendar-component-set")
        takes = kinds is None or any(each.get("name") == "VEVENT" for each in kinds)
        if takes:
            found.append((href, (prop.findtext(f"{_DAV}displayname") or href)[:200]))
    return found


def _prop(names: str) -> str:
    return f"<d:propfind {_SPACES}><d:prop>{names}</d:prop></d:propfind>"


def _ask(account: Account, method: str, url: str, body: str, *, depth: str) -> Answer:
    answer = _call(account, method, url, body, {"Depth": depth})
    _require(answer, 207)
    return answer


def _call(
    account: Account, method: str, url: str, body: bytes | str, headers: dict[str, str]
) -> Answer:
    """One call; a move of the address is followed on the same server."""
    word = base64.b64encode(f"{account.username}:{account.password}".encode()).decode()
    content = body if isinstance(body, bytes) else f'<?xml version="1.0"?>{body}'.encode()
    said = {"Authorization": f"Basic {word}", "Content-Type": "application/xml", **headers}
    for _redirect in range(_MOST_REDIRECTS):
        answer = send(method, url, body=content, headers=said, most=_LONGEST_LIST)
        if answer.status not in (301, 302, 307, 308) or "location" not in answer.headers:
            return answer
        url = _on_same_server(url, answer.headers["location"])
    raise CalDavError(_("The server sends from one address to the next without an end."))


def _require(answer: Answer, *statuses: int) -> None:
    if answer.status in (401, 403):
        raise NoEntry(_("The server does not let this name and password in."))
    if answer.status not in statuses:
        raise CalDavError(_("The server answered with %(n)d.") % {"n": answer.status})


def _etags(answer: Answer, base: str) -> tuple[dict[str, str], frozenset[str]]:
    etags, gone = {}, set()
    for response in _parse(answer).iter(f"{_DAV}response"):
        href = _on_same_server(base, response.findtext(f"{_DAV}href") or "")
        if " 404" in (response.findtext(f"{_DAV}status") or ""):
            gone.add(href)
        elif etag := _version(response.findtext(f"{_DAV}propstat/{_DAV}prop/{_DAV}getetag")):
            etags[href] = etag
    return etags, frozenset(gone)


def _version(etag: str | None) -> str:
    """The server's name of a version, as it is kept and told it again in a header."""
    found = (etag or "").strip()
    if len(found) > _LONGEST_ETAG or not found.isprintable():
        raise CalDavError(_("The server names a version in a way that no other would."))
    return found


def _props(answer: Answer, base: str) -> "dict[str, Element]":
    """What the server told of each address."""
    return dict(_told(_parse(answer), base))


def _told(root: "Element", base: str) -> "Iterator[tuple[str, Element]]":
    for response in root.iter(f"{_DAV}response"):
        href = _on_same_server(base, response.findtext(f"{_DAV}href") or "")
        for propstat in response.iter(f"{_DAV}propstat"):
            prop = propstat.find(f"{_DAV}prop")
            if prop is not None and " 200" in (propstat.findtext(f"{_DAV}status") or ""):
                yield href, prop


def _parse(answer: Answer) -> "Element":
    try:
        root: Element = fromstring(answer.body)
    except (ParseError, ValueError) as error:
        raise CalDavError(_("The server answered with what is no list of a calendar.")) from error
    return root


def _on_same_server(base: str, href: str) -> str:
    try:
        found, known = urlsplit(urljoin(base, href)), urlsplit(base)
    except ValueError as error:
        raise CalDavError(_("The server names an address that is none.")) from error
    if len(found.geturl()) > _LONGEST_HREF or "\0" in href:
        raise CalDavError(_("The server names an address that is none."))
    if (found.scheme, found.netloc) != (known.scheme, known.netloc):
        raise CalDavError(_("The server leads to another one; use the address of that one."))
    return found.geturl()
