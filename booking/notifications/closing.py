"""What people are told whose bookings lie on an instrument that is closed, or open again."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

CLOSING_WORDS: Mapping[str, NamedWords] = {
    "booking.resource_closed": NamedWords(
        subject=_("Closed: %(resource)s, your booking of %(when)s"),
        text=_(
            "%(actor)s closed %(resource)s until further notice: %(reason)s. Your booking of "
            "%(when)s stands, but may come to nothing. Move or cancel it, if you cannot wait:"
        ),
        after=_("Your bookings there: %(n)s."),
    ),
    "booking.resource_opened": NamedWords(
        subject=_("Open again: %(resource)s, your booking of %(when)s"),
        text=_("%(actor)s opened %(resource)s again: your booking of %(when)s stands."),
        after=_("Your bookings there: %(n)s."),
        mail=False,
    ),
}
