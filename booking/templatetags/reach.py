"""Whether the reader can be reached: `{% dead_address as bounced %}`."""

from django import template

from accounts.models import User
from booking.models import BouncedAddress
from booking.queries.bounces import dead_address_of

register = template.Library()


@register.simple_tag(takes_context=True)
def dead_address(context: template.Context) -> BouncedAddress | None:
    """The reader's own address, when nothing is sent there any more."""
    user = context["request"].user
    return dead_address_of(user) if isinstance(user, User) else None
