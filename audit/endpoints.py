"""What acts on chat rooms and webhooks read like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

ENDPOINTS = {
    "endpoint.created": (_("%(actor)s connected %(object)s"),),
    "endpoint.changed": (_("%(actor)s changed %(object)s, which hears of events"),),
    "endpoint.rotated": (_("%(actor)s gave the webhook %(object)s a new secret"),),
    "endpoint.tested": (_("%(actor)s sent a test to %(object)s"),),
    "endpoint.switched_on": (_("%(actor)s switched %(object)s on"),),
    "endpoint.switched_off": (_("%(actor)s switched %(object)s off"),),
    "endpoint.stopped": (
        _("%(object)s was switched off after %(count)s failures in a row"),
        _("%(object)s was switched off"),
    ),
    "endpoint.replayed": (_("%(actor)s had %(count)s messages sent to %(object)s again"),),
    "endpoint.deleted": (_("%(actor)s disconnected %(object)s"),),
}
