"""What pages of use write: how long, and how far plan and use lie apart."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from booking.enums import Status
from labitory.lib.text import say_minutes

register = template.Library()
_MINUTE = timedelta(minutes=1)


@register.filter
def length_in_words(length: timedelta) -> str:
    """A length of time: '2 hours 15 minutes'."""
    return say_minutes(int(length / _MINUTE))


@register.filter
def was_missed(use: Any, now: datetime) -> bool:  # noqa: ANN401 - a booking with its use
    """Whether nobody came, by the clock as well as by what is written."""
    lapsed = use.lapses_at is not None and use.lapses_at <= now
    return use.status == Status.NO_SHOW or (use.status == Status.CONFIRMED and lapsed)


@register.filter
def difference(use: Any, now: datetime) -> str:  # noqa: ANN401 - a booking with its use
    """How much longer or shorter somebody stayed than was booked, in words."""
    if use.began_at is None:
        return "–"
    minutes = int(((use.left_at or max(now, use.plan_end)) - use.plan_end) / _MINUTE)
    if minutes > 0:
        return _("%(length)s longer") % {"length": say_minutes(minutes)}
    if minutes < 0:
        return _("%(length)s less") % {"length": say_minutes(-minutes)}
    return _("as booked")
