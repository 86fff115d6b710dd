"""Bookings as iCalendar, for mail programs and downloads."""

from collections.abc import Sequence
from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress, vText

from booking.models import Booking


def booking_calendar(bookings: Sequence[Booking], *, method: str = "PUBLISH") -> bytes:
    """The bookings as one calendar file.

    The UID of a booking never changes and its SEQUENCE rises with every change, so that calendar
    programs move and remove what they showed before. `method` is PUBLISH, REQUEST or CANCEL.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Labitory//Booking//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for booking in bookings:
        calendar.add_component(_event(booking, method))
    return bytes(calendar.to_ical())


def _event(booking: Booking, method: str) -> Event:
    host = urlsplit(settings.SITE_URL).hostname or "labitory"
    event = Event()
    event.add("uid", f"{booking.public_id}@{host}")
    event.add("sequence", booking.sequence)
    event.add("dtstamp", booking.updated_at.astimezone(UTC))
    event.add("dtstart", booking.start_time.astimezone(UTC))
    event.add("dtend", booking.end_time.astimezone(UTC))
    event.add("summary", booking.resource.name)
    event.add("location", booking.resource.location)
    event.add("description", booking.purpose)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    address = reverse("booking:booking_detail", args=[booking.public_id])
    event.add("url", f"{settings.SITE_URL.rstrip('/')}{address}")
    organizer = vCalAddress(f"mailto:{settings.LAB_CONTACT}")
    organizer.params["CN"] = vText(settings.LAB_NAME)
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{booking.user.email}")
    attendee.params["CN"] = vText(booking.user.full_name)
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    event.add("attendee", attendee, encode=False)
    return event
