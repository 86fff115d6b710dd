"""What people are told on the path to a resource."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

ACCESS_WORDS: Mapping[str, NamedWords] = {
    "access.requested": NamedWords(
        subject=_("%(user)s asks for access to %(resource)s"),
        text=_("%(user)s asks for access to %(resource)s. See what is needed, and decide:"),
    ),
    "access.step_confirmed": NamedWords(
        subject=_("One step further: %(resource)s"),
        text=_("%(actor)s confirmed “%(step)s” on your way to %(resource)s. What comes next:"),
    ),
    "access.granted": NamedWords(
        subject=_("You have access to %(resource)s"),
        text=_("%(actor)s let you in to %(resource)s. Its page:"),
    ),
    "access.rejected": NamedWords(
        subject=_("Not granted: %(resource)s"),
        text=_("%(actor)s did not grant you access to %(resource)s: %(reason)s"),
        after=_("You can ask again when that is settled."),
    ),
    "access.revoked": NamedWords(
        subject=_("Your access to %(resource)s was taken away"),
        text=_(
            "%(actor)s took your access to %(resource)s away. Bookings that stand remain; for new "
            "ones ask for access again:"
        ),
    ),
    "access.ends": NamedWords(
        subject=_("Your access to %(resource)s ends soon"),
        text=_("Your access to %(resource)s ends on %(ends)s. Ask for it anew in time:"),
    ),
    "access.waits": NamedWords(
        subject=_("Still waiting: %(user)s asks for %(resource)s"),
        text=_(
            "%(user)s has waited for %(days)s days for access to %(resource)s, and nobody has "
            "decided. Please see to it:"
        ),
    ),
}
