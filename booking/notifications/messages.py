"""Turning an event into words and mails for one reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateformat import format as write
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from booking.models import Booking, EmailMessage
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.ics import booking_calendar
from booking.queries.notifications import standing_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a reader is told, in their language and zone."""

    subject: str
    text: str
    path: str


def words_for(
    *, kind: str, bookings: list[Booking], actor: User | None, reader: User, reason: str
) -> Words:
    """The event's words for one reader; several bookings of one act make one message."""
    entry = CATALOGUE[kind]
    with reader_locale(reader):
        first = bookings[0]
        names = ", ".join(dict.fromkeys(booking.resource.name for booking in bookings))
        values = {
            "resource": names,
            "when": _say_times(bookings, reader),
            "actor": actor.full_name if actor else _("Labitory"),
            "user": first.user.full_name,
            "reason": reason,
        }
        return Words(
            # One line, whatever was imported as a name: mail headers allow no other.
            subject=" ".join((str(entry.subject) % values).split())[:200],
            text=(str(entry.text) % values).strip(),
            # Who gave it away may see it no longer.
            path=reverse("booking:booking_list")
            if entry.audience is Audience.FORMER
            else _page_of(bookings),
        )


def _say_times(bookings: list[Booking], reader: User) -> str:
    """The first time, and how many others an act on a series touched."""
    first = say_when(bookings[0], reader)
    others = len({booking.period for booking in bookings}) - 1
    if not others:
        return first
    return ngettext("%(first)s and %(n)d more time", "%(first)s and %(n)d more times", others) % {
        "first": first,
        "n": others,
    }


def _page_of(bookings: list[Booking]) -> str:
    """The series where one act touched several of its bookings, else the first booking."""
    series = bookings[0].series
    if series is not None and len(bookings) > 1:
        return reverse("booking:series_detail", args=[series.public_id])
    return reverse("booking:booking_detail", args=[bookings[0].public_id])


@contextmanager
def reader_locale(reader: User) -> Iterator[None]:
    """The reader's language and zone for the time of a block."""
    zone = ZoneInfo(reader.preferences.time_zone or settings.LAB_TIME_ZONE)
    with translation.override(reader.preferences.language), timezone.override(zone):
        yield


def say_when(booking: Booking, reader: User) -> str:
    """The booked time in the reader's formats and zone, which is named."""
    return say_period(booking.start_time, booking.end_time, reader)


def say_period(first: datetime, last: datetime, reader: User) -> str:
    """A period in the reader's formats and in the zone in force, which is named."""
    formats = f"{reader.preferences.date_format}, {reader.preferences.time_format}"
    start, end = timezone.localtime(first), timezone.localtime(last)
    same_day = start.date() == end.date()
    until = write(end, reader.preferences.time_format if same_day else formats)
    # Two names in the nights in which the clocks change.
    zones = "/".join(dict.fromkeys((str(start.tzname()), str(end.tzname()))))
    return f"{write(start, formats)} – {until} ({zones})"


def build_mail(
    email: EmailMessage, bookings: list[Booking], actor: User | None
) -> EmailMultiAlternatives:
    """The mail of one row: text, HTML, and the calendar file where its kind has one.

    The Message-ID is made from event and reader: sent twice, it can be recognised as one.
    """
    if email.user is None:
        raise ValueError(f"{email.kind} is told to people with accounts only")
    entry = CATALOGUE[email.kind]
    words = words_for(
        kind=email.kind,
        bookings=bookings,
        actor=actor,
        reader=email.user,
        reason=str(email.payload.get("reason", "")),
    )
    with reader_locale(email.user):
        context = {
            "words": words,
            "bookings": [(each, say_when(each, email.user)) for each in bookings],
            "link": settings.SITE_URL.rstrip("/") + words.path,
            "lab": settings.LAB_NAME,
            "name": email.user.get_short_name(),
        }
        mail = write_mail(email, words.subject, "booking", context)
    if entry.calendar:
        # Mails may go out late and in any order: the file says how things stand now, so that none
        # brings back what was cancelled or given away in between.
        standing = standing_for(email.user, bookings)
        method = "REQUEST" if standing else "CANCEL"
        content = booking_calendar(standing or bookings, method=method, reader=email.user)
        mail.attach("booking.ics", content.decode(), f"text/calendar; method={method}")
    return mail


def write_mail(
    email: EmailMessage, subject: str, template: str, context: dict[str, object]
) -> EmailMultiAlternatives:
    """A mail of one row in text and HTML from `templates/email/<template>`."""
    host = urlsplit(settings.SITE_URL).hostname or "labitory"
    user = email.user
    reader = user.public_id if user else email.pk
    name, address = (user.full_name, user.email) if user else ("", email.address)
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"email/{template}.txt", context),
        to=[formataddr((" ".join(name.split()), address))],
        headers={
            "Message-ID": f"<{email.event.public_id}.{reader}@{host}>",
            # Nobody's absence note answers it.
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string(f"email/{template}.html", context), "text/html")
    return mail
