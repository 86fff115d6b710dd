"""Limits in words: `{{ row|policy_value }}`, `{{ row|policy_role }}`, `{{ row|policy_scope }}`."""

from django import template

from booking.models import BookingPolicy
from booking.queries.policies import say_role, say_scope, say_value

register = template.Library()


@register.filter
def policy_value(row: BookingPolicy) -> str:
    """How much: '2 hours'."""
    return say_value(row)


@register.filter
def policy_role(row: BookingPolicy) -> str:
    """For whom: 'Student', 'Everybody'."""
    return say_role(row.role)


@register.filter
def policy_scope(row: BookingPolicy) -> str:
    """For whom and where: 'Student, on Confocal 1'."""
    return say_scope(row)
