"""Mail by SMTP: text, HTML, and the calendar file where the kind has one."""

import base64
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.enums import Timing
from booking.models import Message
from booking.notifications.catalogue import CATALOGUE, EventKind
from booking.notifications.channels.base import SendingChannel, Undeliverable
from booking.notifications.declining import Decline, decline_of
from booking.notifications.ics import booking_calendar
from booking.notifications.messages import greeting_of, words_of
from booking.notifications.words import Words, reader_locale
from booking.queries.bounces import is_dead
from booking.queries.notifications import standing_for


class EmailChannel(SendingChannel):
    """Mail to the person's address, or to an address without an account."""

    name = "email"
    label = _("Mail")
    most_an_hour = 30

    def default(self, kind: EventKind) -> Timing:
        """As the catalogue says."""
        return Timing.NOW if kind.mail else Timing.OFF

    def reaches(self, reader: User) -> bool:
        """Who has an address."""
        return bool(reader.email)

    def send(self, message: Message) -> str:
        """Hand it to the mail server; the receipt is the mail's Message-ID."""
        if is_dead(message.user.email if message.user else message.address):
            raise Undeliverable("mail to this address came back: nothing is sent there")
        mail = build_mail(message)
        mail.send()
        return str(mail.extra_headers["Message-ID"])

    def secrets(self, _message: Message) -> tuple[str, ...]:
        """What a mail server may repeat in its refusal of a login."""
        user, password = settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD
        if not password:
            return ()
        plain = (password, f"\0{user}\0{password}")
        return (*plain, *(base64.b64encode(each.encode()).decode() for each in plain))


def build_mail(message: Message) -> EmailMultiAlternatives:
    """The mail of one row, in the reader's language.

    The Message-ID is made from event and reader: sent twice, it can be recognised as one.
    """
    words, user = words_of(message), message.user
    host = urlsplit(settings.SITE_URL).hostname or "labitory"
    reader = user.public_id if user else message.pk
    name, address = (user.full_name, user.email) if user else ("", message.address)
    decline = decline_of(message)
    text, html = mail_bodies(words, name=greeting_of(message), reader=user, decline=decline)
    with reader_locale(user):
        mail = EmailMultiAlternatives(
            subject=words.subject,
            body=text,
            # Who takes what comes back; readers see the sender named below.
            from_email=settings.EMAIL_BOUNCES_TO or settings.DEFAULT_FROM_EMAIL,
            to=[formataddr((" ".join(name.split()), address))],
            headers={
                "From": settings.DEFAULT_FROM_EMAIL,
                "Message-ID": f"<{message.event.public_id}.{reader}@{host}>",
                # Nobody's absence note answers it.
                "Auto-Submitted": "auto-generated",
                **_decline_headers(decline),
            },
        )
        mail.attach_alternative(html, "text/html")
        if CATALOGUE[message.kind].calendar and user is not None:
            _attach_calendar(mail, words, user)
    return mail


def _decline_headers(decline: Decline | None) -> dict[str, str]:
    """By which mail programs show a button of their own (RFC 2369, RFC 8058)."""
    if decline is None:
        return {}
    return {
        "List-Unsubscribe": f"<{decline.link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def mail_bodies(
    words: Words, *, name: str, reader: User | None, decline: Decline | None = None
) -> tuple[str, str]:
    """The mail as text and as HTML, by whichever name the reader is greeted."""
    context = {"words": words, "name": name, "lab": settings.LAB_NAME, "decline": decline}
    with reader_locale(reader):
        text = render_to_string("email/message.txt", context)
        return text, render_to_string("email/message.html", context)


def _attach_calendar(mail: EmailMultiAlternatives, words: Words, reader: User) -> None:
    """The file says how things stand now.

    Mails may go out late and in any order: none brings back what was cancelled or given away in
    between.
    """
    standing = standing_for(reader, words.bookings)
    method = "REQUEST" if standing else "CANCEL"
    content = booking_calendar(standing or words.bookings, method=method, reader=reader)
    mail.attach("booking.ics", content.decode(), f"text/calendar; method={method}")
