"""What a card says, before any product's way to say it."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from booking.models import Message
from booking.notifications.outside import ROOM_TITLES, TESTED
from booking.notifications.wordings import Wordings
from booking.notifications.words import say_more
from labitory.lib.formats import say_moment, say_period
from labitory.lib.http import lab_zone

# Rows of a card; the page behind its link has all.
MOST_ROWS = 5
_LONGEST = 300
_LONGEST_TEXT = 1500
# What an event says besides, as everybody reads it on the pages of the instrument.
_TITLED = ("title", "severity", "state")
_MOMENTS = ("back", "due")
_COUNTED = ("back", "n")
_NOTHING = "\u200b"
# Controls, and signs that turn the direction of writing or are not seen.
_UNSEEN = ("Cc", "Cf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A title, rows of a name and a value, and where its button leads."""

    title: str
    rows: tuple[tuple[str, str], ...]
    link: str
    button: str
    lab: str

    @property
    def as_text(self) -> str:
        """All of it in one line, for notifications."""
        return " · ".join([self.title, *(value for _name, value in self.rows)])


def card_of(message: Message) -> Card:
    """An event in the lab's language and time zone; what people typed can neither ping nor link."""
    data = message.payload
    with translation.override(settings.LANGUAGE_CODE), timezone.override(lab_zone()):
        title, text = _own_words(message) or (_title(message.kind, data), "")
        rows = ((name, tame(value)) for name, value in _rows(message.kind, data))
        return Card(
            title=tame(title),
            rows=tuple(row for row in (("", tame(text, _LONGEST_TEXT)), *rows) if row[1]),
            link=_link(data),
            button=_("Open it"),
            lab=tame(settings.LAB_NAME),
        )


def tame(text: str, longest: int = _LONGEST) -> str:
    """One line in which no @name pings anybody and no address becomes a link."""
    whole = " ".join(text.split())
    line = "".join(sign for sign in whole if unicodedata.category(sign) not in _UNSEEN)
    line = line[:longest]
    for sign in ("@", "://"):
        line = line.replace(sign, sign + _NOTHING)
    return line.replace("www.", f"www{_NOTHING}.").replace("](", f"]{_NOTHING}(")


def _title(kind: str, data: Mapping[str, Any]) -> str:
    facts = {"resource": _names(data), "state": data.get("state", "")}
    return str(ROOM_TITLES[kind]) % facts


def _names(data: Mapping[str, Any]) -> str:
    return ", ".join(each["name"] for each in data.get("resources", ())) or _("the lab")


def _own_words(message: Message) -> tuple[str, str] | None:
    """What the lab itself says of it, with what the room may know; else the card has its own."""
    if message.kind == TESTED:
        return None
    return Wordings([message.kind]).say_own(message.kind, lambda: _facts(message))


def _facts(message: Message) -> dict[str, str]:
    """What the lab's words may name in a room: nobody whom the calendar does not name, no text
    that somebody wrote for few."""
    data, said = message.payload, message.event.payload.get("facts", {})
    facts = {name: str(said[name]) for name in _COUNTED if isinstance(said.get(name), int | str)}
    facts |= {name: str(data[name]) for name in _TITLED if name in data}
    facts |= {name: say_moment(_moment(data[name])) for name in _MOMENTS if name in data}
    bookings = data.get("bookings") or ()
    if bookings:
        others = len({(each["start"], each["end"]) for each in bookings}) - 1
        facts["when"] = say_more(_period(bookings[0]), others)
    elif "start" in data and "end" in data:
        facts["when"] = _period(data)
    people = dict.fromkeys(each["person"] for each in bookings if each.get("person"))
    return {
        **facts,
        "lab": settings.LAB_NAME,
        "resource": _names(data),
        "user": ", ".join(people) or _("somebody"),
        "actor": _actor(message, is_named=bool(people)),
        "reason": "",
    }


def _actor(message: Message, *, is_named: bool) -> str:
    """Who did it, where the calendar names the people of the booking, and them."""
    key = message.event.payload.get("actor")
    if key is None:
        return _("Labitory")
    named = User.objects.filter(pk=key, preferences__show_name=True) if is_named else None
    found = named.first() if named is not None else None
    return found.full_name if found else _("somebody")


def _rows(kind: str, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    if kind == TESTED:
        return [("", _("This is a test. Events that you chose will appear here."))]
    bookings = data.get("bookings")
    if bookings is not None:
        return _of_bookings(bookings, int(data.get("bookings_left_out", 0)))
    rows = [(_("What"), str(data.get("title", ""))), (_("Severity"), str(data.get("severity", "")))]
    if "start" in data:
        rows.append((_("When"), _period(data)))
    for name, label in (("back", _("Expected back")), ("due", _("Due"))):
        if name in data:
            rows.append((label, say_moment(_moment(data[name]))))
    return rows


def _of_bookings(bookings: Sequence[Mapping[str, Any]], left_out: int) -> list[tuple[str, str]]:
    rows = [(_("When"), _period(each)) for each in bookings[:MOST_ROWS]]
    more = len(bookings) - MOST_ROWS + left_out
    if more > 0:
        rows.append(("", ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}))
    people = list(dict.fromkeys(str(each.get("person", "")) for each in bookings))
    return [*rows, (_("Who"), ", ".join(filter(None, people)))]


def _link(data: Mapping[str, Any]) -> str:
    """The page that everybody in the room may open: the instrument's, or what it is about."""
    about = data.get("about") or {}
    if about.get("url"):
        return str(about["url"])
    resources = data.get("resources") or []
    return str(resources[0]["url"]) if len(resources) == 1 else settings.SITE_URL


def _period(value: Mapping[str, str]) -> str:
    return say_period(_moment(value["start"]), _moment(value["end"]), weekday=True)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
