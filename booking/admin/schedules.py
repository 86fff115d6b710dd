"""The schedules of the workers as their library shows them, without a query for each task."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    SolarSchedule,
)


class TasksInline(beat.PeriodicTaskInline):  # type: ignore[misc]
    """The tasks of a schedule; each says its schedule, which would be a query for each."""

    def get_queryset(self, request: HttpRequest) -> Any:
        """All of them with their schedules."""
        found = super().get_queryset(request)
        return found.select_related("interval", "crontab", "solar", "clocked")


for model, shown in (
    (ClockedSchedule, beat.ClockedScheduleAdmin),
    (CrontabSchedule, beat.CrontabScheduleAdmin),
    (IntervalSchedule, beat.IntervalScheduleAdmin),
    (SolarSchedule, beat.SolarScheduleAdmin),
):
    admin.site.unregister(model)
    admin.site.register(model, type(shown.__name__, (shown,), {"inlines": [TasksInline]}))
