"""Contact data as those see it who may not see it, and where it was looked at."""

from django import template

from audit.privacy import ACCESSES
from labitory.lib.text import mask_address

register = template.Library()


@register.filter
def masked(address: str) -> str:
    """An e-mail address, recognisable for its owner alone."""
    return mask_address(address)


@register.filter
def access_words(what: str) -> str:
    """Where somebody saw the data, in words."""
    return str(ACCESSES.get(what, what))
