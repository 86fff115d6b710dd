"""Facts of refusals as pages write them."""

from datetime import datetime

from django import template

from labitory.lib.formats import say_moment

register = template.Library()


@register.filter
def moment_of(text: str) -> str:
    """A moment that is told as ISO 8601, in the reader's zone and formats."""
    return say_moment(datetime.fromisoformat(text))
