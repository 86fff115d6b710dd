"""Announcements, and alarms: nobody can choose not to hear of an emergency."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

ANNOUNCEMENT_WORDS: Mapping[str, NamedWords] = {
    "announcement.made": NamedWords(
        subject=_("Announcement: %(title)s"),
        text="%(text)s",
    ),
    "announcement.reminded": NamedWords(
        subject=_("Please read and acknowledge: %(title)s"),
        text="%(text)s",
    ),
    "alarm.raised": NamedWords(
        urgent=True,
        everywhere=True,
        subject=_("EMERGENCY: %(title)s"),
        text="%(text)s",
        after=_("%(actor)s sent this to everybody whom it may concern. Say that you have read it."),
    ),
    "alarm.reminded": NamedWords(
        urgent=True,
        everywhere=True,
        subject=_("EMERGENCY, please acknowledge: %(title)s"),
        text="%(text)s",
        after=_("Nobody knows yet that you have read it: say so."),
    ),
    "alarm.ended": NamedWords(
        urgent=True,
        everywhere=True,
        subject=_("All clear: %(title)s"),
        text=_("%(actor)s gave the all clear: the emergency “%(title)s” is over."),
    ),
}
