"""Notices inside the application: they are written with the event's other rows, never sent."""

from django.utils.translation import gettext_lazy as _

from booking.enums import Timing
from booking.notifications.catalogue import EventKind
from booking.notifications.channels.base import Channel


class InAppChannel(Channel):
    """The list of notices."""

    name = "in_app"
    label = _("Notices")
    timings = (Timing.NOW, Timing.OFF)

    def default(self, kind: EventKind) -> Timing:
        """As the catalogue says."""
        return Timing.NOW if kind.notice else Timing.OFF
