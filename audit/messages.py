"""What acts on messages, announcements and workers read like; part of the catalogue."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "message.resent": (
        _("%(actor)s sent a message to %(user)s again (%(what)s)"),
        _("%(actor)s sent a message again (%(what)s)"),
    ),
    "broadcast.sent": (
        _("%(actor)s announced “%(object)s” to %(where)s: %(count)s people"),
        _("%(actor)s announced “%(object)s”"),
    ),
    "broadcast.alarm_raised": (
        _("%(actor)s raised the alarm “%(object)s” for %(where)s: %(count)s people"),
        _("%(actor)s raised the alarm “%(object)s”"),
    ),
    "broadcast.repeated": (
        _("%(actor)s reminded %(count)s people of “%(object)s”"),
        _("%(actor)s reminded people of “%(object)s”"),
    ),
    "broadcast.ended": (_("%(actor)s ended “%(object)s”"),),
    "event.retried": (_("%(actor)s had %(what)s told again"),),
}
