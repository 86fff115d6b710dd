"""How far requests for access have come."""

from collections.abc import Iterable

from django import template

from booking.models import AccessStep

register = template.Library()


@register.filter
def confirmed(steps: Iterable[AccessStep]) -> int:
    """How many steps somebody has confirmed."""
    return sum(step.confirmed_at is not None for step in steps)


@register.filter
def next_step(steps: Iterable[AccessStep]) -> AccessStep | None:
    """The first step that nobody has confirmed."""
    return next((step for step in steps if step.confirmed_at is None), None)
