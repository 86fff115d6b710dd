"""What acts on messages, announcements and workers read like; part of the catalogue."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "message.resent": (
        _("%(actor)s sent a message to %(reader)s again (%(kind)s)"),
        _("%(actor)s sent a message again (%(kind)s)"),
    ),
    "event.retried": (_("%(actor)s had %(kind)s told again"),),
}
