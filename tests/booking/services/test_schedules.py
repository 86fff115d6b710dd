"""The schedule of periodic work: in the database once, and the administrators' from then on."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from booking.services.schedules import sync_schedules
from labitory import celery_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheduler() -> Iterator[DatabaseScheduler]:
    """The scheduler as `celery beat` makes it, without its endless loop."""
    made = DatabaseScheduler(app=celery_app, lazy=True, Producer=Mock())
    yield made
    made.close()


def test_schedule_is_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sync_schedule")
    number = len(settings.BEAT_SCHEDULE)
    assert capsys.readouterr().out == f"{number} periodic tasks added, 0 known.\n"
    call_command("sync_schedule")
    assert capsys.readouterr().out == f"0 periodic tasks added, {number} known.\n"
    found = {task.name: task for task in PeriodicTask.objects.select_related("interval")}
    assert set(found) == set(settings.BEAT_SCHEDULE)
    for name, entry in settings.BEAT_SCHEDULE.items():
        assert found[name].task == entry["task"]
        assert found[name].enabled
        assert found[name].schedule.run_every == entry["schedule"]
    # A length that several share is one row.
    lengths = {entry["schedule"] for entry in settings.BEAT_SCHEDULE.values()}
    assert IntervalSchedule.objects.count() == len(lengths) < number


def test_sync_keeps_what_an_administrator_changed() -> None:
    call_command("sync_schedule", verbosity=0)
    rare = IntervalSchedule.objects.create(every=3, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.filter(name="tidy-bookings").update(interval=rare, enabled=False)
    PeriodicTask.objects.create(name="own", task="audit.tasks.make_partitions", interval=rare)
    call_command("sync_schedule", verbosity=0)
    changed = PeriodicTask.objects.get(name="tidy-bookings")
    assert (changed.interval, changed.enabled) == (rare, False)
    assert PeriodicTask.objects.count() == len(settings.BEAT_SCHEDULE) + 1


@pytest.mark.django_db(transaction=True)
def test_start_of_beat_keeps_it_too(scheduler: DatabaseScheduler) -> None:
    call_command("sync_schedule", verbosity=0)
    rare = IntervalSchedule.objects.create(every=3, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.filter(name="sweep-outbox").update(interval=rare)
    scheduler.setup_schedule()
    assert PeriodicTask.objects.get(name="sweep-outbox").interval == rare
    assert set(scheduler.all_as_schedule()) == set(settings.BEAT_SCHEDULE)
    assert PeriodicTask.objects.count() == len(settings.BEAT_SCHEDULE)


def test_interval_that_exists_twice_is_no_hindrance() -> None:
    for _time in range(2):
        IntervalSchedule.objects.create(every=60, period=IntervalSchedule.SECONDS)
    wanted = {"sweep": ("a.task", timedelta(minutes=1)), "other": ("b.task", timedelta(minutes=1))}
    assert sync_schedules(wanted) == 2
    assert IntervalSchedule.objects.count() == 2


@pytest.mark.parametrize("name", sorted(settings.BEAT_SCHEDULE))
def test_every_scheduled_task_is_known_and_routed(name: str) -> None:
    path = settings.BEAT_SCHEDULE[name]["task"]
    module, function = path.rsplit(".", 1)
    task = getattr(import_module(module), function)
    assert task.name == path
    assert celery_app.tasks[path] == task
    queue = celery_app.amqp.router.route({}, path)["queue"].name
    others = {
        "sweep-outbox": "notifications",
        "run-policy-trials": "reports",
        "heartbeat-notifications": "notifications",
        "heartbeat-reports": "reports",
        "sync-calendars": "reports",
    }
    assert queue == others.get(name, "maintenance")
