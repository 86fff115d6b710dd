"""The Celery application: settings from Django, tasks found in each app."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labitory.settings.production")
app = Celery("labitory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
