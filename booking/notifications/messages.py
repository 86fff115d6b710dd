"""A message in words, whatever its kind: what every channel sends."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.models import Message
from booking.notifications.accounts import account_words
from booking.notifications.bookings import words_for
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.named import named_words
from booking.notifications.topics import TOPICS, topic_of
from booking.notifications.wordings import Wordings
from booking.notifications.words import Outdated, Row, Section, Words, outside, reader_locale
from booking.queries.notifications import bookings_of_event
from booking.queries.reminders import is_outdated


def words_of(message: Message, wordings: Wordings | None = None) -> Words:
    """What the message says to its reader now, in the lab's own words where it has any.

    Raises Outdated where time has overtaken it.
    """
    payload, reader = message.payload, message.user
    if message.status != DeliveryStatus.SENT and is_outdated(payload, message.sent_at):
        raise Outdated(f"what {message.kind} tells of is over or changed")
    audience = CATALOGUE[message.kind].audience
    if audience is Audience.ACCOUNT:
        facts = payload.get("facts", {})
        return account_words(kind=message.kind, facts=facts, reader=reader, wordings=wordings)
    if reader is None:
        raise ValueError(f"{message.kind} is told to people with accounts only")
    actor = User.objects.filter(pk=payload.get("actor")).first()
    if audience is Audience.DIGEST:
        return _digest_words(message, reader)
    if audience in (Audience.NAMED, Audience.FOLLOWERS):
        return named_words(
            kind=message.kind, payload=payload, actor=actor, reader=reader, wordings=wordings
        )
    return words_for(
        kind=message.kind,
        bookings=bookings_of_event(payload.get("bookings", [])),
        actor=actor,
        reader=reader,
        reason=str(payload.get("reason", "")),
        wordings=wordings,
    )


def _digest_words(message: Message, reader: User) -> Words:
    """What was kept, by topic; what is gone by now is left out. Of nothing there is no digest."""
    found: dict[str, list[Row]] = {}
    gathered = list(message.gathered.select_related("user__preferences").order_by("pk"))
    # One look for all that it gathers.
    wordings = Wordings([message.kind, *(each.kind for each in gathered)])
    for each in gathered:
        each.sent_at = message.sent_at
        try:
            words = words_of(each, wordings)
        except LookupError:
            continue
        topic = topic_of(each.kind)
        found.setdefault(topic.key if topic else "", []).append(Row(words.subject, words.link))
    if not found and message.status != DeliveryStatus.SENT:
        raise Outdated("nothing of what it gathers is left")
    return digest_words(reader, found, wordings)


def digest_words(reader: User, found: Mapping[str, Sequence[Row]], wordings: Wordings) -> Words:
    """The words around what a digest gathers, by the keys of topics."""
    with reader_locale(reader):
        n = sum(map(len, found.values()))
        count = ngettext("%(n)s message", "%(n)s messages", n) % {"n": n}
        said = wordings.say("message.digest", {"lab": settings.LAB_NAME, "count": count})
        path = reverse("booking:notice_list")
        return Words(
            subject=said.subject,
            text=said.text,
            path=path,
            link=outside(path),
            button=_("See all notices"),
            sections=tuple(
                Section(str(topic.label), tuple(found[topic.key]))
                for topic in TOPICS
                if topic.key in found
            ),
        )


def greeting_of(message: Message) -> str:
    """By which name the reader is greeted; nothing when none is known."""
    if message.user is not None:
        return message.user.get_short_name()
    return str(message.payload.get("facts", {}).get("name", ""))
