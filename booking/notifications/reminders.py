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
    "session.awaited": NamedWords(
        urgent=True,
        subject=_("Nobody has checked in: %(resource)s"),
        text=_(
            "Your booking of %(resource)s has begun: %(when)s, and nobody has checked in. Check in "
            "until %(until)s, or give back the time you do not need:"
        ),
        after=_("After that it counts as missed, and the rest of its time goes to others."),
    ),
    "hold.ending": NamedWords(
        subject=_("Kept for you, not booked: %(resource)s, %(when)s"),
        text=_(
            "You keep %(resource)s and have not booked it: %(when)s. Book it until %(until)s, or "
            "give it back:"
        ),
        after=_("After that it is free for everybody."),
        # Who keeps time for a quarter of an hour sits before the page.
        mail=False,
    ),
    "offer.ending": NamedWords(
        subject=_("Not held for you much longer: %(resource)s, %(when)s"),
        text=_(
            "You have not answered yet: %(resource)s is held for you, %(when)s, but only until "
            "%(until)s. Take it, or turn it down so that others get it sooner:"
        ),
        after=_("After that it goes to the next person."),
    ),
    "offer.replacement_ending": NamedWords(
        subject=_("Please move soon, or your booking is cancelled: %(resource)s, %(when)s"),
        text=_(
            "A booking of yours has to give way. %(resource)s is held for you instead, %(when)s, "
            "but only until %(until)s. Move your booking there:"
        ),
        after=_("If you do not, your booking is cancelled."),
    ),
}
