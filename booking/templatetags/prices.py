"""Prices and costs in templates."""

from decimal import Decimal

from django import template

from booking.models import Price
from booking.queries.prices import say_price
from booking.rules.prices import PriceFacts
from labitory.lib.money import say_money

register = template.Library()


@register.filter
def money(amount: Decimal, currency: str = "") -> str:
    """An amount with its currency, the lab's unless another is named."""
    return say_money(amount, currency)


@register.filter
def price_words(price: Price | PriceFacts) -> str:
    """So much an hour, so much a booking."""
    return say_price(price)
