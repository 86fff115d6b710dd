"""What people are told of time that is held for them."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

OFFER_WORDS: Mapping[str, NamedWords] = {
    "offer.made": NamedWords(
        subject=_("Free for you: %(resource)s, %(when)s"),
        text=_("%(resource)s is held for you: %(when)s. Take it until %(until)s:"),
        after=_("After that it goes to the next person."),
    ),
}
