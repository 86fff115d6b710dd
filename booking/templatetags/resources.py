"""What pages of resources write: moments as people say them, and stickers' codes."""

from datetime import datetime, timedelta
from functools import lru_cache

import segno
from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.permissions import Where
from booking.models import Resource
from booking.permissions import where_of
from labitory.lib.formats import say_date, say_time

register = template.Library()


@register.filter(expects_localtime=False)
def near(moment: datetime | None, now: datetime) -> str:
    """The time alone where it is the other moment's day, else with its own day.

    `{{ slot.start_time|near:now }}`, and of ends `{{ slot.end_time|near:slot.start_time }}`.
    """
    if not moment:
        return ""
    if is_same_day(moment, now):
        return say_time(moment)
    return f"{say_date(moment, weekday=True)}, {say_time(moment)}"


@register.filter(expects_localtime=False)
def is_same_day(moment: datetime, other: datetime) -> bool:
    """Whether both lie on one day of the reader's."""
    return timezone.localtime(moment).date() == timezone.localtime(other).date()


@register.filter(expects_localtime=False)
def last_day(expires_at: datetime, resource: Resource) -> str:
    """The last day, where the resource is, of what ends at a moment: at midnight the day before."""
    return say_date((expires_at - timedelta.resolution).astimezone(resource.zone).date())


@register.filter
def place(resource: Resource) -> Where:
    """Where a resource lies, to ask: `{% may "booking.override" resource|place as x %}`."""
    return where_of(resource)


# Drawing one takes milliseconds, a sheet has sixteen, and a sticker stays as it is.
@register.simple_tag
@lru_cache(maxsize=512)
def qr_code(text: str) -> SafeString:
    """The text as a QR code: an SVG of attributes only, hidden from screen readers."""
    code = segno.make(text, error="m", micro=False, boost_error=False)
    drawn = code.svg_inline(omitsize=True, border=2, svgclass=None, lineclass=None)
    hidden = drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return mark_safe(hidden)  # noqa: S308 - drawn from modules: the text itself is not in it
