"""What people are told of sessions that last longer than they were booked."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

CHECK_IN_WORDS: Mapping[str, NamedWords] = {
    "session.overrun": NamedWords(
        urgent=True,
        subject=_("Your time on %(resource)s is over"),
        text=_(
            "You are still checked in on %(resource)s, which you had until %(end)s. Extend, if it "
            "is free, or finish:"
        ),
    ),
    "session.delayed": NamedWords(
        urgent=True,
        subject=_("%(resource)s may not be free yet"),
        text=_(
            "The one before you is still checked in on %(resource)s, past the end of their time. "
            "They were told. Your booking begins at %(start)s:"
        ),
    ),
    "session.ended": NamedWords(
        subject=_("You were checked out of %(resource)s"),
        text=_(
            "You did not finish your session on %(resource)s: it was ended by itself, and counts "
            "until %(end)s."
        ),
        mail=False,
    ),
}
