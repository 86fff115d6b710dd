"""What people are told of approvals that others have left, or let them decide."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

APPROVAL_WORDS: Mapping[str, NamedWords] = {
    "approval.escalated": NamedWords(
        subject=_("Nobody has answered: %(resource)s, %(when)s"),
        text=_(
            "%(user)s asks for %(resource)s, %(when)s, and those who were asked have not answered. "
            "Please decide until %(until)s:"
        ),
        after=_("After that the booking is refused by itself."),
    ),
    "approval.delegated": NamedWords(
        subject=_("You may decide for %(actor)s"),
        text=_(
            "%(actor)s lets you decide on bookings in their name (%(scope)s): %(when)s. What waits "
            "appears among your approvals:"
        ),
    ),
    "approval.delegation_ended": NamedWords(
        subject=_("You no longer decide for %(user)s"),
        text=_(
            "%(actor)s ended what let you decide on bookings in the name of %(user)s (%(scope)s)."
        ),
        mail=False,
    ),
    "approval.delegation_returned": NamedWords(
        subject=_("%(actor)s no longer decides for you"),
        text=_("%(actor)s gave back what let them decide on bookings in your name (%(scope)s)."),
        mail=False,
    ),
}
