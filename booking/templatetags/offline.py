"""Moments for the script of the page without a network, which reads no formats."""

from datetime import datetime
from typing import Any

from django import template

from booking.queries import offline

register = template.Library()


@register.filter(expects_localtime=False)
def milliseconds(value: datetime) -> int:
    """A moment as scripts count it."""
    return int(value.timestamp() * 1000)


@register.filter
def check_in_until(booking: Any) -> datetime:  # noqa: ANN401 - a booking with its terms
    """Up to when one may check in."""
    return offline.check_in_until(booking)
