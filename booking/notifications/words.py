"""What a reader is told, in their language, formats and zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.dateformat import format as write
from django.utils.translation import ngettext

from accounts.models import User
from booking.models import Booking


class Outdated(LookupError):
    """What a message tells is no longer so, or over: nobody needs it any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list, with an address if it has a page."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A list within a message, with a title if there are several."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One message: `text` stands above the link, `after` below it.

    `path` is where a notice leads; `link` is the address for everything outside, which for
    messages about accounts may work once. `sections` list the bookings of one act when there are
    several, or what a digest gathers.
    """

    subject: str
    text: str
    path: str = ""
    link: str = ""
    button: str = ""
    after: str = ""
    sections: tuple[Section, ...] = ()
    bookings: tuple[Booking, ...] = ()


def one_line(text: str) -> str:
    """A subject: whatever was imported as a name, mail headers allow one line."""
    return " ".join(text.split())[:200]


def outside(path: str) -> str:
    """A page's whole address, or nothing for no page."""
    return settings.SITE_URL.rstrip("/") + path if path else ""


@contextmanager
def reader_locale(reader: User | None) -> Iterator[None]:
    """The reader's language and zone for the time of a block; the lab's for an address alone."""
    if reader is None:
        with translation.override(settings.LANGUAGE_CODE):
            yield
        return
    zone = ZoneInfo(reader.preferences.time_zone or settings.LAB_TIME_ZONE)
    with translation.override(reader.preferences.language), timezone.override(zone):
        yield


def say_more(first: str, others: int) -> str:
    """The first time, and how many others one message tells of."""
    if not others:
        return first
    return ngettext("%(first)s and %(n)d more time", "%(first)s and %(n)d more times", others) % {
        "first": first,
        "n": others,
    }


def say_period(first: datetime, last: datetime, reader: User) -> str:
    """A period in the reader's formats and in the zone in force, which is named."""
    formats = f"{reader.preferences.date_format}, {reader.preferences.time_format}"
    start, end = timezone.localtime(first), timezone.localtime(last)
    same_day = start.date() == end.date()
    until = write(end, reader.preferences.time_format if same_day else formats)
    # Two names in the nights in which the clocks change.
    zones = "/".join(dict.fromkeys((str(start.tzname()), str(end.tzname()))))
    return f"{write(start, formats)} – {until} ({zones})"
