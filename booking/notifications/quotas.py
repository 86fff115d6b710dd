"""What people are told of their quotas."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

QUOTA_WORDS: Mapping[str, NamedWords] = {
    "quota.adjusted": NamedWords(
        subject=_("Your quota “%(quota)s”: %(amount)s"),
        text=_(
            "%(actor)s changed what you may take of “%(quota)s” in the period from %(from)s by "
            "%(amount)s: %(reason)s. What is left:"
        ),
    ),
    "quota.overdrawn": NamedWords(
        subject=_("Your quota “%(quota)s” is smaller now"),
        text=_(
            "“%(quota)s” gives %(gives)s now, and more than that is booked. Nothing is taken away, "
            "but nothing more can be booked until it is within the quota. What is booked:"
        ),
    ),
    "quota.nearly_used": NamedWords(
        subject=_("Little is left of “%(quota)s”: %(rest)s"),
        text=_(
            "Of “%(quota)s” (%(gives)s) %(taken)s are booked or used in the period from %(from)s; "
            "%(rest)s are left until %(renews)s. What counts:"
        ),
        mail=False,
    ),
    "quota.used_up": NamedWords(
        subject=_("“%(quota)s” is used up"),
        text=_(
            "“%(quota)s” (%(gives)s) is booked or used up in the period from %(from)s. What it "
            "counts cannot be booked without approval, if at all, until %(renews)s. What counts:"
        ),
    ),
}
