"""Dates and times as the reader writes them: in the reader's zone and formats.

`{% show_… %}` tags give a `<time>` element, with the zone's name where it differs from the lab's;
the `user_…` filters give plain text for attributes, titles and mails.
"""

from datetime import date, datetime, time

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from labitory.lib.formats import say_date, say_moment, say_period, say_time, say_zone

register = template.Library()


@register.simple_tag
def show_datetime(value: datetime | None) -> SafeString:
    """A day and time: '2 Mar 2026, 14:00'."""
    return _element(value, say_moment(value)) if value else SafeString("")


@register.simple_tag
def show_date(value: date | None) -> SafeString:
    """A day: '2 Mar 2026'; a moment is first taken to the reader's zone."""
    if value is None or value == "":
        return SafeString("")
    return _day_element(value, say_date(value))


@register.simple_tag
def show_day(value: date | None) -> SafeString:
    """A day with its weekday: 'Mon 2 Mar 2026'."""
    if value is None or value == "":
        return SafeString("")
    return _day_element(value, say_date(value, weekday=True))


@register.simple_tag
def show_time(value: datetime | time | None) -> SafeString:
    """A time of day: '14:00'. A bare time of day, such as an opening hour, is the lab's."""
    if value is None or value == "":
        return SafeString("")
    if isinstance(value, time):
        return format_html('<time datetime="{}">{}</time>', f"{value:%H:%M}", say_time(value))
    return _element(value, say_time(value))


@register.simple_tag
def show_period(start: datetime | None, end: datetime | None) -> SafeString:
    """From when to when: '2 Mar 2026, 14:00 to 15:30', with a dash."""
    if not start or not end:
        return SafeString("")
    return _element(start, say_period(start, end))


@register.simple_tag
def show_slot(start: datetime, end: datetime) -> SafeString:
    """The same with its weekday, by which people know their times: 'Mon 2 Mar 2026, 14:00'."""
    return _element(start, say_period(start, end, weekday=True))


@register.filter(expects_localtime=False)
def user_date(value: date | None) -> str:
    """A day as plain text."""
    return say_date(value) if value else ""


@register.filter(expects_localtime=False)
def user_time(value: datetime | time | None) -> str:
    """A time of day as plain text; midnight is a time too."""
    return "" if value is None or value == "" else say_time(value)


@register.filter(expects_localtime=False)
def user_datetime(value: datetime | None) -> str:
    """A day and time as plain text, with the zone where it differs from the lab's."""
    return _with_zone(say_moment(value), value) if value else ""


@register.filter(expects_localtime=False)
def user_period(start: datetime | None, end: datetime | None) -> str:
    """From when to when as plain text: `{{ booking.start_time|user_period:booking.end_time }}`."""
    return _with_zone(say_period(start, end), start) if start and end else ""


def _with_zone(text: str, moment: datetime) -> str:
    zone = say_zone(moment)
    return f"{text} ({zone})" if zone else text


def _element(moment: datetime, text: str) -> SafeString:
    local = timezone.localtime(moment)
    zone = say_zone(moment)
    named = format_html(' <span class="zone">{}</span>', zone) if zone else ""
    return format_html('<time datetime="{}">{}</time>{}', local.isoformat(), text, named)


def _day_element(value: date, text: str) -> SafeString:
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), text)
