"""What waiting for time and being offered it read like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

WAITING = {
    "waiting.joined": (
        _("%(actor)s waits for %(place)s, %(period)s"),
        _("%(actor)s joined the waiting list: %(object)s"),
    ),
    "waiting.changed": (
        _("%(actor)s changed what they wait for: %(place)s, %(period)s"),
        _("%(actor)s changed what they wait for: %(object)s"),
    ),
    "waiting.left": (
        _("%(actor)s waits no longer for %(place)s, %(period)s"),
        _("%(actor)s left the waiting list: %(object)s"),
    ),
    "waiting.ended": (
        _("The wait for %(place)s, %(period)s ended without an offer that was taken"),
        _("A wait ended: %(object)s"),
    ),
    "offer.made": (
        _("%(resource)s, %(period)s was offered to %(user)s"),
        _("An offer was made: %(object)s"),
    ),
    "offer.accepted": (
        _("%(own)s took the offer of %(resource)s, %(period)s"),
        _("%(actor)s took the offer %(object)s"),
    ),
    "offer.declined": (
        _("%(own)s turned the offer of %(resource)s, %(period)s down"),
        _("%(actor)s turned the offer %(object)s down"),
    ),
    "offer.expired": (
        _("The offer of %(resource)s, %(period)s to %(user)s ran out"),
        _("An offer ran out: %(object)s"),
    ),
}
