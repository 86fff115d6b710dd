"""What templates, proposals and undoing read like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

PLANS = {
    "booking.undone": (
        _("%(own)s took their last change back: %(resource)s, %(period)s"),
        _("%(actor)s took the last change back: %(resource)s, %(user)s, %(period)s"),
        _("%(actor)s took the last change of %(object)s back"),
    ),
    "booking.swapped": (
        _("%(actor)s accepted a swap: %(resource)s, %(period)s is %(user)s's"),
        _("%(own)s accepted a swap: %(resource)s, %(period)s is theirs"),
        _("%(actor)s accepted a swap of %(object)s"),
    ),
    "proposal.made": (
        _("%(actor)s offered %(resource)s, %(period)s to %(user)s"),
        _("%(actor)s made a proposal: %(object)s"),
    ),
    "proposal.accepted": (
        _("%(actor)s accepted what %(user)s proposed: %(resource)s, %(period)s"),
        _("%(actor)s accepted a proposal: %(object)s"),
    ),
    "proposal.declined": (
        _("%(actor)s declined what %(user)s proposed: %(resource)s, %(period)s"),
        _("%(actor)s declined a proposal: %(object)s"),
    ),
    "proposal.withdrawn": (
        _("%(actor)s withdrew what they offered to %(user)s: %(resource)s, %(period)s"),
        _("%(actor)s withdrew a proposal: %(object)s"),
    ),
    "template.saved": (_("%(actor)s saved the template %(object)s"),),
    "template.renamed": (_("%(actor)s renamed the template %(object)s"),),
    "template.deleted": (_("%(actor)s deleted the template %(object)s"),),
}
