"""What acts on messages, announcements and workers read like; part of the catalogue."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "message.resent": (
        _("%(actor)s sent a message to %(reader)s again (%(kind)s)"),
        _("%(actor)s sent a message again (%(kind)s)"),
    ),
    "broadcast.sent": (
        _("%(actor)s announced “%(object)s” to %(scope)s: %(people)s people"),
        _("%(actor)s announced “%(object)s”"),
    ),
    "broadcast.alarm_raised": (
        _("%(actor)s raised the alarm “%(object)s” for %(scope)s: %(people)s people"),
        _("%(actor)s raised the alarm “%(object)s”"),
    ),
    "broadcast.repeated": (
        _("%(actor)s reminded %(people)s people of “%(object)s”"),
        _("%(actor)s reminded people of “%(object)s”"),
    ),
    "broadcast.ended": (_("%(actor)s ended “%(object)s”"),),
    "event.retried": (_("%(actor)s had %(kind)s told again"),),
}
