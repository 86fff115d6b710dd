"""The Celery application: settings from Django, tasks found in each app."""

import os

from celery import Celery
from kombu.transport.redis import Channel

# When the broker dies, a worker that holds messages would try to give them back to it, and die of
# that too (kombu 5.7). It need not: they are kept there, and delivered again when nobody has
# acknowledged them within the visibility timeout.
Channel.do_restore = False

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labitory.settings.production")
app = Celery("labitory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
