"""The Celery application: settings from Django, tasks found in each app."""

import os

from celery import Celery
from kombu.transport.redis import Channel, Transport


class PatientChannel(Channel):
    """A worker outlives its broker: what it had in hand is finished, and delivered again later.

    When the broker dies, kombu 5.7 closes the channel. A worker would die of giving back what it
    holds, or of acknowledging it there when it is done. It need do neither: the broker keeps what
    nobody acknowledged and delivers it again after the visibility timeout, and every task may run
    twice.
    """

    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002
        """Acknowledge a message, unless the broker died since it came."""
        if not self.closed:
            super().basic_ack(delivery_tag, multiple=multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002
        """Refuse a message, unless the broker died since it came."""
        if not self.closed:
            super().basic_reject(delivery_tag, requeue=requeue)


Transport.Channel = PatientChannel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labitory.settings.production")
app = Celery("labitory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
