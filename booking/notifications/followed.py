"""What people are told of the resources they follow; in words that name nobody."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

FOLLOWED_WORDS: Mapping[str, NamedWords] = {
    "resource.fault": NamedWords(
        subject=_("Fault: %(resource)s, %(title)s"),
        text=_("%(resource)s, which you follow, has a fault (%(severity)s): %(title)s."),
        mail=False,
    ),
    "resource.mended": NamedWords(
        subject=_("It works again: %(resource)s"),
        text=_("The fault “%(title)s” of %(resource)s, which you follow, is resolved."),
        mail=False,
    ),
    "resource.maintenance": NamedWords(
        subject=_("Maintenance: %(resource)s, %(when)s"),
        text=_("%(resource)s, which you follow, has maintenance: %(title)s, %(when)s."),
        mail=False,
    ),
    "resource.closed": NamedWords(
        subject=_("Closed: %(resource)s"),
        text=_("%(resource)s, which you follow, is closed until further notice: %(reason)s"),
        mail=False,
    ),
    "resource.opened": NamedWords(
        subject=_("Open again: %(resource)s"),
        text=_("%(resource)s, which you follow, can be booked again."),
        mail=False,
    ),
}
