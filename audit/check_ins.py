"""What acts at the instrument read like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

CHECK_INS = {
    "booking.extended": (
        _("%(actor)s extended %(user)s's booking of %(resource)s to %(new_end)s"),
        _("%(own)s extended their booking of %(resource)s to %(new_end)s"),
        _("%(actor)s extended %(object)s"),
    ),
    "question.saved": (
        _("%(actor)s changed what is asked at %(resource)s: %(object)s"),
        _("%(actor)s changed the question %(object)s"),
    ),
    "question.added": (
        _("%(actor)s added to what is asked at %(resource)s: %(object)s"),
        _("%(actor)s added the question %(object)s"),
    ),
    "question.moved": (
        _("%(actor)s changed the order of what is asked at %(resource)s: %(object)s"),
        _("%(actor)s moved the question %(object)s"),
    ),
}
