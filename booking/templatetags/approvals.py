"""Times to answer in words: `{{ vote.took|say_length }}`."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

from labitory.lib.text import say_minutes

register = template.Library()


@register.filter
def say_length(length: timedelta) -> str:
    """A length of time, rounded as one speaks: '40 minutes', '5 hours', '2 days 3 hours'."""
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes == 0:
        return _("less than a minute")
    if minutes >= 120:  # noqa: PLR2004 - from two hours on nobody counts minutes
        minutes = round(minutes / 60) * 60
    return say_minutes(minutes)
