"""What people are told of faults."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

FAULT_WORDS: Mapping[str, NamedWords] = {
    "fault.reported": NamedWords(
        looked_after=True,
        subject=_("Fault: %(resource)s, %(title)s"),
        text=_(
            "%(actor)s reported a fault of %(resource)s (%(severity)s): %(title)s. It is to be "
            "mended by %(due)s:"
        ),
    ),
    "fault.assigned": NamedWords(
        subject=_("Yours to mend: %(resource)s, %(title)s"),
        text=_("%(actor)s gave you the fault “%(title)s” of %(resource)s, due %(due)s:"),
    ),
    "fault.changed": NamedWords(
        subject=_("%(state)s: %(resource)s, %(title)s"),
        text=_(
            "The fault “%(title)s” of %(resource)s is %(state)s. It is expected back: %(back)s."
        ),
    ),
    "fault.resolved": NamedWords(
        subject=_("Resolved: %(resource)s, %(title)s"),
        text=_(
            "The fault “%(title)s” of %(resource)s is resolved: %(reason)s. It can be used again."
        ),
    ),
    "fault.overdue": NamedWords(
        looked_after=True,
        subject=_("Overdue: %(resource)s, %(title)s"),
        text=_("The fault “%(title)s” of %(resource)s was to be mended by %(due)s:"),
    ),
    "fault.affects": NamedWords(
        urgent=True,
        subject=_("Out of order: %(resource)s, your booking of %(when)s"),
        text=_(
            "%(resource)s is out of order (%(title)s) at the time of your booking: %(when)s. It is "
            "expected back: %(back)s. Move your booking, or cancel it, if you cannot wait:"
        ),
        after=_("Your bookings within the outage: %(n)s."),
    ),
}
