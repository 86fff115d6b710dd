"""What somebody waits for, in words."""

from datetime import time

from django import template
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from booking.models import WaitingEntry
from labitory.lib.formats import say_time
from labitory.lib.text import say_minutes

register = template.Library()
MIDNIGHT = time(0)


@register.filter
def in_words(minutes: int) -> str:
    """A length in words: 2 h."""
    return say_minutes(minutes)


@register.filter
def said_hours(entry: WaitingEntry) -> str:
    """On which days and between which hours of the lab's day: Mon, Fri, 08:00 to 12:00."""
    days = ", ".join(str(WEEKDAYS_ABBR[day]) for day in entry.weekdays)
    if entry.day_from is None and entry.day_until is None:
        return days
    hours = _("%(first)s to %(last)s") % {
        "first": say_time(entry.day_from or MIDNIGHT),
        "last": say_time(entry.day_until or MIDNIGHT),
    }
    return f"{days}, {hours}" if days else hours
