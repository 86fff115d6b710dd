"""Calendar feeds as iCalendar, for programs that read them again and again."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event
from icalendar.prop import vDuration

from booking.models import CalendarFeed
from booking.notifications.ics import uid_of
from booking.notifications.words import outside, reader_locale
from booking.notifications.zones import zone_component
from booking.queries.feeds import FeedEntry, feed_window

# How often programs should read again.
REFRESH = timedelta(minutes=15)
# Another one with each change of what is written here, so that no reader keeps the old form.
_FORMAT = "1"


def feed_form(feed: CalendarFeed) -> str:
    """A word for how the feed is written: its name, language and addresses, not its entries."""
    said = (_FORMAT, feed.name, feed.user.preferences.language, settings.SITE_URL,
            settings.LAB_NAME, settings.LAB_TIME_ZONE)  # fmt: skip
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def feed_calendar(feed: CalendarFeed, entries: Sequence[FeedEntry], *, now: datetime) -> bytes:
    """The entries as one calendar, in the owner's language and in the zones of the instruments.

    The same entries give the same bytes. What was cancelled lately is told as cancelled: programs
    that keep what they read drop it then.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Labitory//Feed//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = f"{feed.name} · {settings.LAB_NAME}"
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    window = feed_window(now)
    for zone in sorted({_zone_of(entry) for entry in entries}):
        calendar.add_component(zone_component(zone, window.start.year - 1, window.end.year + 1))
    with reader_locale(feed.user):
        for entry in entries:
            calendar.add_component(_event(entry, is_mine=feed.scope == "mine"))
    return bytes(calendar.to_ical())


def _event(entry: FeedEntry, *, is_mine: bool) -> Event:
    event = Event()
    event.add("uid", uid_of(entry.public_id))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed)
    event.add("last-modified", entry.changed)
    start, end = _moments(entry)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", _summary(entry, is_mine=is_mine))
    event.add("status", entry.status.upper())
    if entry.location:
        event.add("location", entry.location)
    if said := "\n\n".join(text for text in (entry.purpose, entry.notes) if text.strip()):
        event.add("description", said)
    if entry.in_full:
        event.add("url", outside(reverse("booking:booking_detail", args=[entry.public_id])))
    if words := _categories(entry):
        event.add("categories", words)
    is_busy = entry.is_for_viewer and entry.status != "cancelled"
    event.add("transp", "OPAQUE" if is_busy else "TRANSPARENT")
    return event


def _summary(entry: FeedEntry, *, is_mine: bool) -> str:
    if entry.kind == "closure":
        where = entry.resource or settings.LAB_NAME
        return _("%(where)s closed: %(reason)s") % {"where": where, "reason": entry.purpose}
    if entry.kind == "maintenance":
        words = {"where": entry.resource, "what": entry.purpose}
        return _("%(where)s, maintenance: %(what)s") % words
    if is_mine:
        return entry.resource
    return f"{entry.resource}: {entry.person or _('Booked')}"


def _categories(entry: FeedEntry) -> list[str]:
    kinds = {"closure": _("Closure"), "maintenance": _("Maintenance")}
    return [word for word in (entry.type, kinds.get(entry.kind, "")) if word]


def _moments(entry: FeedEntry) -> tuple[datetime, datetime]:
    """Local times of the instrument; of the hour that comes twice the second one only UTC names."""
    zone = ZoneInfo(_zone_of(entry))
    start, end = entry.starts.astimezone(zone), entry.ends.astimezone(zone)
    if start.fold or end.fold:
        return entry.starts.astimezone(UTC), entry.ends.astimezone(UTC)
    return start, end


def _zone_of(entry: FeedEntry) -> str:
    return entry.zone or settings.LAB_TIME_ZONE
