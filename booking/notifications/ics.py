"""Bookings as iCalendar, for mail programs and downloads."""

from collections.abc import Sequence
from datetime import UTC
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress, vText

from accounts.models import User
from accounts.permissions.privacy import can_view_contact
from booking.enums import LIVE, Status
from booking.models import Booking


def booking_calendar(
    bookings: Sequence[Booking], *, method: str = "PUBLISH", reader: User | None = None
) -> bytes:
    """The bookings as one calendar file.

    The UID of a booking never changes and its SEQUENCE rises with every change, so that calendar
    programs move and remove what they showed before. `method` is PUBLISH, REQUEST or CANCEL: with
    CANCEL the reader is told of no one and nothing else, as it may be another's booking by now.
    The reader is invited too: mail programs offer nothing to somebody who is not.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Labitory//Booking//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for booking in bookings:
        event = _event(booking, reader or booking.user, is_over=method == "CANCEL")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def stored_entry(booking: Booking) -> bytes:
    """One booking as it lies on a calendar server.

    Nobody is invited in it: a server would send its own mails to whom it finds there.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Labitory//Booking//EN")
    calendar.add("version", "2.0")
    event = _event(booking, booking.user, is_over=False)
    for name in ("organizer", "attendee"):
        event.pop(name, None)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def uid_of(public_id: UUID | str) -> str:
    """The name of a booking in calendar programs: the same in mails, downloads and feeds."""
    return f"{public_id}@{urlsplit(settings.SITE_URL).hostname or 'labitory'}"


def _event(booking: Booking, reader: User, *, is_over: bool) -> Event:
    event = Event()
    event.add("uid", uid_of(booking.public_id))
    event.add("sequence", booking.sequence)
    event.add("dtstamp", booking.updated_at.astimezone(UTC))
    event.add("last-modified", booking.updated_at.astimezone(UTC))
    event.add("dtstart", booking.start_time.astimezone(UTC))
    event.add("dtend", booking.end_time.astimezone(UTC))
    event.add("summary", booking.resource.name)
    event.add("location", booking.resource.location)
    event.add("description", "" if is_over else booking.purpose)
    event.add("status", "CANCELLED" if is_over else _status(booking))
    address = reverse("booking:booking_detail", args=[booking.public_id])
    event.add("url", f"{settings.SITE_URL.rstrip('/')}{address}")
    organizer = vCalAddress(f"mailto:{settings.LAB_CONTACT}")
    organizer.params["CN"] = vText(settings.LAB_NAME)
    event["organizer"] = organizer
    people = (reader,) if is_over else (booking.user, reader)
    for person in {user.pk: user for user in people}.values():
        is_shown = can_view_contact(reader, person)
        # What programs write for somebody without an address.
        attendee = vCalAddress(f"mailto:{person.email}" if is_shown else "invalid:nomail")
        attendee.params["CN"] = vText(person.full_name)
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        event.add("attendee", attendee, encode=False)
    return event


def _status(booking: Booking) -> str:
    if booking.status not in LIVE:
        return "CANCELLED"
    return "TENTATIVE" if booking.status == Status.PENDING else "CONFIRMED"
