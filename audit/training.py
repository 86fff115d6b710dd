"""What acts on courses, sessions and certificates read like."""

from django.utils.translation import gettext_lazy as _

TRAINING = {
    "course.created": (_("%(actor)s added the course %(object)s"),),
    "training.session_scheduled": (
        _("%(actor)s scheduled the course %(course)s with %(user)s, %(period)s"),
        _("%(actor)s scheduled the course %(course)s, %(period)s"),
        _("%(actor)s scheduled %(object)s"),
    ),
    "training.session_cancelled": (
        _("%(actor)s called off the course %(course)s, %(period)s"),
        _("%(actor)s called off %(object)s"),
    ),
    "training.session_changed": (
        _("%(actor)s changed the course %(course)s, %(period)s"),
        _("%(actor)s changed %(object)s"),
    ),
    "training.session_moved": (
        _("The course %(course)s moved to %(period)s"),
        _("%(object)s moved"),
    ),
    "training.signed_up": (
        _("%(own)s signed up for %(course)s, %(period)s"),
        _("%(actor)s signed %(user)s up for %(course)s, %(period)s"),
        _("%(actor)s signed up: %(object)s"),
    ),
    "training.queued": (
        _("%(own)s joined the waiting list of %(course)s, %(period)s"),
        _("%(actor)s put %(user)s on the waiting list of %(course)s, %(period)s"),
        _("%(actor)s joined a waiting list: %(object)s"),
    ),
    "training.signed_off": (
        _("%(own)s gave back the place in %(course)s, %(period)s"),
        _("%(actor)s took %(user)s off %(course)s, %(period)s"),
        _("%(actor)s signed off: %(object)s"),
    ),
    "training.moved_up": (
        _("%(user)s moved up from the waiting list of %(course)s, %(period)s"),
        _("%(object)s moved up from the waiting list"),
    ),
    "training.result_recorded": (
        _("%(actor)s recorded the result of %(user)s in %(course)s: %(outcome)s"),
        _("%(actor)s recorded a result: %(object)s"),
    ),
    "training.passed": (
        _("%(actor)s gave %(user)s the certificate %(certificate)s of %(course)s"),
        _("%(actor)s gave a certificate: %(object)s"),
    ),
    "training.revoked": (
        _("%(actor)s took back the certificate %(certificate)s of %(user)s, %(course)s"),
        _("%(actor)s took back a certificate: %(object)s"),
    ),
    "training.arranged": (
        _("%(own)s arranged a training on %(resource)s: %(course)s, %(period)s"),
        _("%(actor)s arranged a training of %(user)s on %(resource)s: %(course)s, %(period)s"),
        _("%(actor)s arranged a training: %(object)s"),
    ),
}
