"""Notices of the browser: web push to each browser that a person has named."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.enums import Timing
from booking.models import Message, PushSubscription
from booking.notifications.catalogue import CATALOGUE, EventKind
from booking.notifications.channels.base import SendingChannel, Undeliverable
from booking.notifications.messages import words_of
from booking.notifications.words import one_line
from labitory.lib.outbound import AddressRefused, NoAnswer, send
from labitory.lib.webpush import authorization, encrypt

# What is not fetched within a day is stale, and stands in the list of notices.
_DAY = 86_400
_LONGEST_LINE = 160
# Push services say so when the browser took its wish back.
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_LONGEST_ANSWER = 10_000


class NotYet(Exception):
    """Some browser could not be told now. `gone` are the keys of those that are no more."""

    def __init__(self, text: str, gone: Sequence[int] = ()) -> None:
        super().__init__(text)
        self.gone = tuple(gone)


class NoBrowser(NotYet, Undeliverable):
    """No browser of the person takes it."""


@dataclass(frozen=True, slots=True)
class _Told:
    """How it went with one browser: `told`, `gone`, `later` or `refused`, and why."""

    browser: PushSubscription
    how: str
    why: str = ""


class PushChannel(SendingChannel):
    """A title, a line and a page, to each of the person's browsers."""

    name = "push"
    label = _("Browser")
    timings = (Timing.NOW, Timing.OFF)
    most_an_hour = 20
    relations = (Prefetch("push_subscriptions", PushSubscription.objects.only("user")),)

    def is_ready(self) -> bool:
        """Whether the lab has a key, and says whom a push service may write to."""
        return bool(settings.VAPID_PRIVATE_KEY and settings.VAPID_CONTACT)

    def default(self, kind: EventKind) -> Timing:
        """What is worth a notice and a mail, or urgent; whoever has no browser here hears none."""
        is_worth_it = kind.urgent or (kind.notice and kind.mail)
        return Timing.NOW if is_worth_it and not kind.is_required else Timing.OFF

    def reaches(self, reader: User) -> bool:
        """Who has a browser that shows notices."""
        return bool(reader.push_subscriptions.all())

    def send(self, message: Message) -> str:
        """Hand it to the push service of each browser; the receipt says to how many.

        A repeat replaces what it repeats: where one browser could not be told, all are told again.
        """
        if message.user is None or not self.is_ready():
            raise NoBrowser("this lab sends no notices to browsers")
        text = _text_of(message)
        found = [
            _send_to(browser, text, message) for browser in message.user.push_subscriptions.all()
        ]
        gone = [each.browser.pk for each in found if each.how == "gone"]
        told = [each.browser.pk for each in found if each.how == "told"]
        if any(each.how == "later" for each in found):
            raise NotYet(_say(found), gone)
        if not told:
            raise NoBrowser(_say(found), gone)
        PushSubscription.objects.forget(gone)
        PushSubscription.objects.note_told(told, at=message.sent_at or message.created_at)
        return f"{len(told)} of {len(found)}"

    def secrets(self, message: Message) -> tuple[str, ...]:
        """The addresses of the browsers: whoever knows one may send there."""
        if message.user is None:
            return ()
        return tuple(each.endpoint for each in message.user.push_subscriptions.all())


def topic_of_message(message: Message) -> str:
    """By what a repeat is known as the same: at most 32 letters of base64url."""
    return hashlib.sha256(f"push {message.event.public_id}".encode()).hexdigest()[:32]


def _text_of(message: Message) -> bytes:
    """What the service worker reads; only a path of ours, never a whole address."""
    words = words_of(message)
    reader = message.user
    said = {
        "title": words.subject,
        "body": one_line(words.text)[:_LONGEST_LINE],
        "path": words.path,
        "tag": topic_of_message(message),
        "lang": reader.preferences.language if reader else "",
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _send_to(browser: PushSubscription, text: bytes, message: Message) -> _Told:
    is_urgent = CATALOGUE[message.kind].urgent
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(_DAY),
        "Urgency": "high" if is_urgent else "normal",
        "Topic": topic_of_message(message),
        "Authorization": authorization(
            browser.endpoint,
            private_key=settings.VAPID_PRIVATE_KEY,
            contact=settings.VAPID_CONTACT,
            now=message.sent_at or message.created_at,
        ),
    }
    body = encrypt(text, p256dh=browser.p256dh, auth=browser.auth)
    try:
        answer = send("POST", browser.endpoint, body=body, headers=headers, most=_LONGEST_ANSWER)
    except NoAnswer as error:
        return _Told(browser, "later", str(error))
    except AddressRefused as error:
        return _Told(browser, "refused", str(error))
    if answer.status in _GONE:
        return _Told(browser, "gone", str(answer.status))
    why = f"{answer.status} {answer.body[:200].decode(errors='replace')}".strip()
    if HTTPStatus(200) <= answer.status < HTTPStatus(300):
        return _Told(browser, "told")
    is_busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS
    is_later = is_busy or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return _Told(browser, "later" if is_later else "refused", why)


def _say(found: Sequence[_Told]) -> str:
    """What went wrong, browser by browser."""
    wrong = [f"{each.browser.label}: {each.how} {each.why}".strip() for each in found if each.why]
    return "; ".join(wrong) or "no browser of the person shows notices"
