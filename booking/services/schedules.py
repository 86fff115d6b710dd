"""The schedule of periodic tasks, as rows that administrators may change."""

from collections.abc import Mapping
from datetime import timedelta

from django_celery_beat.models import IntervalSchedule, PeriodicTask

from labitory.lib.db import run_transaction


def sync_schedules(wanted: Mapping[str, tuple[str, timedelta]]) -> int:
    """Add the periodic tasks that the database does not know by name; gives how many.

    What is there stays: an administrator may have changed or disabled it.
    """

    def work() -> int:
        added = 0
        known = set(PeriodicTask.objects.values_list("name", flat=True))
        for name, (task, every) in wanted.items():
            if name in known:
                continue
            # Not get_or_create: administrators may have made the same interval twice.
            wish = {"every": int(every.total_seconds()), "period": IntervalSchedule.SECONDS}
            same = IntervalSchedule.objects.filter(**wish).first()
            interval = same or IntervalSchedule.objects.create(**wish)
            _task, made = PeriodicTask.objects.get_or_create(
                name=name, defaults={"task": task, "interval": interval}
            )
            added += made
        return added

    return run_transaction(work)
