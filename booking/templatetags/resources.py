"""What pages of resources write: moments as people say them, and stickers' codes."""

from datetime import datetime

import segno
from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from labitory.lib.formats import say_date, say_time

register = template.Library()


@register.filter(expects_localtime=False)
def near(moment: datetime | None, now: datetime) -> str:
    """The time alone where it is today, else with its day: `{{ slot.start_time|near:now }}`."""
    if not moment:
        return ""
    if timezone.localtime(moment).date() == timezone.localtime(now).date():
        return say_time(moment)
    return f"{say_date(moment, weekday=True)}, {say_time(moment)}"


@register.filter(expects_localtime=False)
def near_end(end: datetime | None, start: datetime) -> str:
    """The end of a period beside its start: the day is said only where it is another."""
    return near(end, start)


@register.simple_tag
def qr_code(text: str) -> SafeString:
    """The text as a QR code: an SVG of attributes only, hidden from screen readers."""
    code = segno.make(text, error="m", micro=False, boost_error=False)
    drawn = code.svg_inline(omitsize=True, border=2, svgclass=None, lineclass=None)
    hidden = drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return mark_safe(hidden)  # noqa: S308 - drawn from modules: the text itself is not in it
