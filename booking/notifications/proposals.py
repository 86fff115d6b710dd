"""What people are told of bookings that others offer them."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

PROPOSAL_WORDS: Mapping[str, NamedWords] = {
    "proposal.made": NamedWords(
        subject=_("%(actor)s offers you %(resource)s, %(when)s"),
        text=_("%(actor)s offers you their booking of %(resource)s: %(when)s. %(message)s"),
        after=_("Accept or decline on that page. Until you accept, it stays theirs."),
    ),
    "proposal.swap": NamedWords(
        subject=_("Swap with %(actor)s? %(resource)s, %(when)s"),
        text=_(
            "%(actor)s would swap %(resource)s, %(when)s for your booking of %(wanted)s, "
            "%(then)s. %(message)s"
        ),
        after=_("Accept or decline on that page. Until you accept, both bookings stay."),
    ),
    "proposal.accepted": NamedWords(
        subject=_("%(actor)s accepted: %(resource)s, %(when)s"),
        text=_("%(actor)s took your booking of %(resource)s, %(when)s, as you proposed."),
        # The mail of the booking itself says so, with its calendar file.
        mail=False,
    ),
    "proposal.declined": NamedWords(
        subject=_("%(actor)s declined: %(resource)s, %(when)s"),
        text=_("%(actor)s declined %(resource)s, %(when)s. It stays yours. %(answer)s"),
    ),
    "proposal.withdrawn": NamedWords(
        subject=_("No longer offered: %(resource)s, %(when)s"),
        text=_("%(actor)s withdrew the proposal about %(resource)s, %(when)s."),
        mail=False,
    ),
}
