"""How far requests for access have come."""

from collections.abc import Iterable

from django import template

from booking.models import AccessStep

register = template.Library()


@register.filter
def confirmed(steps: Iterable[AccessStep]) -> int:
    """How many steps somebody has confirmed."""
    return sum(step.confirmed_at is not None for step in steps)
