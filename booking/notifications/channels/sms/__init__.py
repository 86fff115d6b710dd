"""Text messages to mobile numbers, by Twilio or whoever speaks its protocol."""

import base64
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as write
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.enums import Timing
from booking.models import Message, PhoneNumber
from booking.notifications.catalogue import EventKind
from booking.notifications.channels.base import SendingChannel, Undeliverable
from booking.notifications.channels.sms.text import shorten
from booking.notifications.channels.sms.twilio import post_text
from booking.notifications.messages import words_of
from booking.notifications.words import outside, reader_locale
from booking.queries.phones import CODE_KIND, asked_of, code_of, code_until, phone_of


class SmsChannel(SendingChannel):
    """A short text and a link to the number that the person has verified."""

    name = "sms"
    label = _("Text message")
    most_an_hour = 6
    relations = (Prefetch("phone_number", PhoneNumber.objects.defer("number")),)

    def is_ready(self) -> bool:
        """Whether the lab has an account that sends."""
        return bool(settings.TWILIO_ACCOUNT_SID)

    def default(self, kind: EventKind) -> Timing:
        """Only what is urgent: each text is paid for, and disturbs."""
        return Timing.NOW if kind.urgent else Timing.OFF

    def reaches(self, reader: User) -> bool:
        """Who has typed in the code that came to their number."""
        phone = getattr(reader, "phone_number", None)
        return phone is not None and phone.verified_at is not None

    def send(self, message: Message) -> str:
        """Hand it to the service; the receipt is its number of the text."""
        if not self.is_ready():
            raise Undeliverable("this lab sends no text messages")
        phone = phone_of(message.user) if message.user else None
        if phone is None:
            raise Undeliverable("the person has no number")
        body = _code_text(message, phone) if message.kind == CODE_KIND else _text(message, phone)
        return post_text(to=phone.number, body=body, callback=_callback(message))

    def secrets(self, message: Message) -> tuple[str, ...]:
        """What the service may repeat: the login, and the person's number."""
        user, token = settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN
        login = base64.b64encode(f"{user}:{token}".encode()).decode()
        phone = phone_of(message.user) if message.user else None
        number = phone.number if phone else ""
        known = (login, token, quote(number, safe=""), number, number.removeprefix("+"))
        return tuple(each for each in known if each)


def _text(message: Message, phone: PhoneNumber) -> str:
    if phone.verified_at is None:
        raise Undeliverable("the number is not verified")
    words = words_of(message)
    return shorten(words.subject, words.link)


def _code_text(message: Message, phone: PhoneNumber) -> str:
    """The code is made here and kept nowhere; of two that were asked for only the last is sent."""
    if phone.verified_at is not None or asked_of(phone) != message.payload["facts"]["asked"]:
        raise Undeliverable("another code was asked for since, or none is needed")
    with reader_locale(message.user):
        until = timezone.localtime(code_until(phone))
        return gettext("%(code)s is your code for text messages from %(lab)s, until %(until)s.") % {
            "code": code_of(phone),
            "lab": settings.LAB_NAME,
            "until": write(until, "H:i"),
        }


def _callback(message: Message) -> str:
    """Where the service says what became of it; it calls addresses of the internet only."""
    if message.user is None or not settings.SITE_URL.startswith("https://"):
        return ""
    key = f"{message.event.public_id}.{message.user.public_id}"
    return f"{outside(reverse('booking:sms_status'))}?{urlencode({'message': key})}"
