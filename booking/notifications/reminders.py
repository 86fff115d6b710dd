"""What people are reminded of before it begins or ends."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

REMINDER_WORDS: Mapping[str, NamedWords] = {
    "booking.upcoming": NamedWords(
        subject=_("Soon: %(resource)s, %(when)s"),
        text=_(
            "Your booking of %(resource)s begins soon: %(when)s. If you do not need the time, give "
            "it to others:"
        ),
        # Who wants to be reminded says so.
        mail=False,
        notice=False,
    ),
    "session.ending": NamedWords(
        subject=_("Your time on %(resource)s ends soon"),
        text=_(
            "Your time on %(resource)s ends: %(end)s. Finish until then, or extend, if it is free:"
        ),
        mail=False,
    ),
}
