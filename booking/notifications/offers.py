"""What people are told of time that is held for them, or free again."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

OFFER_WORDS: Mapping[str, NamedWords] = {
    "offer.made": NamedWords(
        subject=_("Free for you: %(resource)s, %(when)s"),
        text=_("%(resource)s is held for you: %(when)s. Take it until %(until)s:"),
        after=_("After that it goes to the next person."),
    ),
    "offer.expired": NamedWords(
        subject=_("No longer held for you: %(resource)s, %(when)s"),
        text=_(
            "Your offer ran out: %(resource)s, %(when)s went on to the next person. You still "
            "wait, behind those who let fewer offers run out, unless you wanted just this time:"
        ),
        after=_("You can leave the waiting list on the same page."),
    ),
    "waiting.freed": NamedWords(
        subject=_("Free again: %(resource)s, %(when)s"),
        text=_("%(resource)s is free again: %(when)s. It is not held for you; book it here:"),
        after=_("You asked to be told. You can leave the waiting list at any time."),
    ),
}
