"""What people are told of time that is held for them, or free again."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

OFFER_WORDS: Mapping[str, NamedWords] = {
    "offer.made": NamedWords(
        urgent=True,
        subject=_("Free for you: %(resource)s, %(when)s"),
        text=_("%(resource)s is held for you: %(when)s. Take it until %(until)s:"),
        after=_("After that it goes to the next person."),
    ),
    "offer.replacement": NamedWords(
        urgent=True,
        subject=_("Please move: %(was_on)s, %(was)s"),
        text=_(
            "Maintenance of %(was_on)s (%(reason)s) takes the time of your booking of %(was)s. "
            "%(resource)s is held for you instead: %(when)s. Move your booking there until "
            "%(until)s:"
        ),
        after=_("If you do not, your booking is cancelled with that reason."),
    ),
    "maintenance.clash": NamedWords(
        subject=_("No room for maintenance: %(resource)s, %(title)s"),
        text=_(
            "%(n)s windows of “%(title)s” on %(resource)s have no room, because something else has "
            "their time. Plan them by hand:"
        ),
    ),
    "maintenance.called_off": NamedWords(
        subject=_("It stays: %(resource)s, %(when)s"),
        text=_(
            "The maintenance of %(resource)s is called off: your booking of %(when)s stays as it "
            "was."
        ),
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
    "waiting.ended": NamedWords(
        subject=_("Nothing became free: %(resource)s"),
        text=_(
            "Nothing became free for you on %(resource)s in this time: %(when)s. Your place on the "
            "waiting list has ended; wait for another time, or look for other instruments:"
        ),
        mail=False,
    ),
}
