"""A real CalDAV server on the loopback: Radicale, with one person and one calendar."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from icalendar import Calendar, Component
from radicale import config
from radicale.app import Application

from labitory.lib.caldav import Account, delete_entry, list_changes, read_entries, write_entry
from labitory.lib.outbound import send

NAME, PASSWORD = "ada", "a password of its own"
_CALENDAR = (
    '<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
    "<d:displayname>%s</d:displayname></d:prop></d:set></c:mkcalendar>"
)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests look at what lies there."""


@dataclass(kw_only=True)
class CalDavServer:
    """Its addresses, and what lies in the calendar as its owner's program sees and changes it."""

    url: str
    calendar: str
    served: WSGIServer

    @property
    def owner(self) -> Account:
        """As the owner's own program logs in."""
        return Account(url=self.calendar, username=NAME, password=PASSWORD)

    def entries(self) -> dict[str, Any]:
        """The events by UID, read anew."""
        addresses = list_changes(self.owner, "").etags
        read = read_entries(self.owner, addresses)
        events = [Calendar.from_ical(body).walk("VEVENT")[0] for _etag, body in read.values()]
        return {str(event["uid"]): event for event in events}

    def change(self, uid: str, **fields: Any) -> None:
        """What the owner's program does with an entry: other times, or a note."""
        href, etag, event = self._find(uid)
        for name, value in fields.items():
            event.pop(name, None)
            event.add(name, value)
        calendar = Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//Other//Program//EN")
        calendar.add_component(event)
        write_entry(self.owner, href, bytes(calendar.to_ical()), etag=etag)

    def delete(self, uid: str) -> None:
        """The owner deletes an entry."""
        delete_entry(self.owner, self._find(uid)[0])

    def make_calendar(self, name: str) -> None:
        """One more of the owner's calendars."""
        headers = {"Authorization": _basic(), "Content-Type": "application/xml"}
        url = f"{self.url}/{NAME}/{name}/"
        body = (_CALENDAR % name).encode()
        assert send("MKCALENDAR", url, body=body, headers=headers).status == 201

    def _find(self, uid: str) -> tuple[str, str, Component]:
        addresses = list_changes(self.owner, "").etags
        for href, (etag, body) in read_entries(self.owner, addresses).items():
            event = Calendar.from_ical(body).walk("VEVENT")[0]
            if str(event["uid"]) == uid:
                return href, etag, event
        raise KeyError(uid)


def _basic() -> str:
    return "Basic " + base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()


@contextmanager
def caldav_server(folder: Path) -> Iterator[CalDavServer]:
    """`with caldav_server(tmp_path) as server:` serves one calendar named Lab."""
    (folder / "users").write_text(f"{NAME}:{PASSWORD}\n", encoding="utf-8")
    configuration = config.load()
    configuration.update(
        {
            "auth": {
                "type": "htpasswd",
                "htpasswd_filename": str(folder / "users"),
                "htpasswd_encryption": "plain",
                "delay": 0,
            },
            "storage": {"filesystem_folder": str(folder / "collections")},
            "logging": {"level": "critical"},
        },
        "test",
    )
    served = make_server("127.0.0.1", 0, Application(configuration), handler_class=_Quiet)
    thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{served.server_port}"
    server = CalDavServer(url=url, calendar=f"{url}/{NAME}/lab/", served=served)
    try:
        server.make_calendar("lab")
        yield server
    finally:
        served.shutdown()
        served.server_close()
        thread.join()
