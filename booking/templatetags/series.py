"""Series in words."""

from datetime import datetime

from django import template

from booking.queries.series_in_words import say_rule

register = template.Library()
register.filter("said_rule", say_rule)


@register.filter
def key_of(moment: datetime) -> str:
    """A moment as forms carry it."""
    return moment.isoformat()
