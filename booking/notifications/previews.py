"""What a message would look like: the words of a kind with facts that are made up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.models import User, UserPreferences
from booking.models import Booking, Resource
from booking.notifications.accounts import account_words
from booking.notifications.bookings import words_for
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.channels.email import mail_bodies
from booking.notifications.facts import example_facts
from booking.notifications.messages import digest_words
from booking.notifications.named import named_words
from booking.notifications.wordings import SHIPPED, Wordings
from booking.notifications.words import Row, Words

# Two of each, as in a digest that somebody gets.
_GATHERED = {"bookings": ("booking.created", "booking.rescheduled"), "quotas": ("quota.adjusted",)}


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as somebody would get it: its words, and the mail as text and as HTML."""

    words: Words
    text: str
    html: str


def preview_of(
    kind: str, language: str, wordings: Wordings, *, viewer: User, now: datetime
) -> Preview:
    """A kind in a language, told to nobody; in the viewer's formats and zone. No query."""
    reader = _reader(viewer, language)
    words = _words(kind, wordings, reader, now)
    text, html = mail_bodies(words, name=reader.get_short_name(), reader=reader)
    return Preview(words, text, html)


def _reader(viewer: User, language: str) -> User:
    shown = viewer.preferences
    reader = User(username="ada", first_name="Ada", last_name="Student")
    reader.preferences = UserPreferences(
        language=language,
        time_zone=shown.time_zone,
        date_format=shown.date_format,
        time_format=shown.time_format,
    )
    return reader


def _words(kind: str, wordings: Wordings, reader: User, now: datetime) -> Words:
    audience, facts = CATALOGUE[kind].audience, example_facts(kind, now)
    if audience is Audience.ACCOUNT:
        # A real one could open an account.
        link = f"{settings.SITE_URL.rstrip('/')}/…"
        return account_words(kind=kind, facts=facts, reader=reader, wordings=wordings, example=link)
    if audience is Audience.DIGEST:
        found = {
            topic: [_row(each, reader, now) for each in kinds] for topic, kinds in _GATHERED.items()
        }
        return digest_words(reader, found, wordings)
    if audience in (Audience.NAMED, Audience.FOLLOWERS):
        payload = {"facts": facts, "path": "/"}
        return named_words(kind=kind, payload=payload, actor=None, reader=reader, wordings=wordings)
    return _booking_words(kind, facts, reader, wordings)


def _row(kind: str, reader: User, now: datetime) -> Row:
    words = _words(kind, SHIPPED, reader, now)
    return Row(words.subject, words.link)


def _booking_words(kind: str, facts: dict[str, Any], reader: User, wordings: Wordings) -> Words:
    booking = Booking(
        resource=Resource(name=facts["resource"]),
        user=reader,
        start_time=datetime.fromisoformat(facts["when"]["start"]),
        end_time=datetime.fromisoformat(facts["when"]["end"]),
    )
    return words_for(
        kind=kind,
        bookings=[booking],
        actor=User(first_name="Chris", last_name="Manager"),
        reader=reader,
        reason=facts["reason"],
        wordings=wordings,
    )
