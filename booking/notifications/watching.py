"""What system administrators are told of workers, queues and schedules."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

WATCH_WORDS: Mapping[str, NamedWords] = {
    "system.events_late": NamedWords(
        urgent=True,
        subject=_("Labitory tells nobody of what happens"),
        text=_("%(n)s events wait to be told, the oldest since %(since)s. See what is wrong:"),
    ),
    "system.messages_late": NamedWords(
        urgent=True,
        subject=_("Labitory's messages do not leave"),
        text=_("%(n)s messages wait to be sent, the oldest since %(since)s. See what is wrong:"),
    ),
    "system.messages_many": NamedWords(
        urgent=True,
        subject=_("Many of Labitory's messages wait"),
        text=_("%(n)s messages wait to be sent. See whether the workers keep up:"),
    ),
    "system.messages_failing": NamedWords(
        urgent=True,
        subject=_("Labitory's messages fail"),
        text=_("%(n)s messages failed within an hour, or for the third time. See why:"),
    ),
    "system.queue_late": NamedWords(
        urgent=True,
        subject=_("No worker serves the queue “%(title)s”"),
        text=_("Nothing was heard of the queue “%(title)s” since %(since)s. See what is wrong:"),
    ),
    "system.task_late": NamedWords(
        urgent=True,
        subject=_("The task “%(title)s” did not run"),
        text=_("The scheduled task “%(title)s” last succeeded %(since)s. See what is wrong:"),
    ),
    "system.task_failed": NamedWords(
        urgent=True,
        subject=_("The task “%(title)s” failed"),
        text=_("The last run of the scheduled task “%(title)s” failed, %(since)s: %(reason)s"),
    ),
    "system.recovered": NamedWords(
        subject=_("Well again: %(title)s"),
        text=_("What was wrong since %(since)s is well again: %(title)s."),
    ),
}
