"""Workers that are dead, queues that grow, tasks that fail: told once, and told when well again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_results.models import TaskResult

from accounts.enums import Role
from accounts.models import User
from booking.enums import DeliveryStatus
from booking.handlers import HANDLERS
from booking.models import Heartbeat, Incident, Message, Notification, OutboxEvent
from booking.queries.schedules import task_states
from booking.queries.watching import (
    QUEUES,
    backlog,
    is_anything_wrong,
    troubles,
    workers,
)
from booking.services.events import dispatch_batch
from booking.services.watching import forget_results, note_heartbeat, watch_system
from labitory.lib import broker
from tests.factories.messages import make_message
from tests.support.queries import count_queries

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def beat(now: datetime, *queues: str) -> None:
    for queue in queues or QUEUES:
        note_heartbeat(queue=queue, now=now)


def wait(now: datetime, user: User, **fields: Any) -> Message:
    return make_message(user, now, status=DeliveryStatus.PENDING, **{"attempts": 0, **fields})


def ran(name: str, at: datetime, status: str = "SUCCESS", **fields: Any) -> TaskResult:
    made = TaskResult.objects.create(
        task_id=f"{name}-{at.isoformat()}-{status}",
        periodic_task_name=name,
        status=status,
        date_started=at - timedelta(seconds=2),
        **fields,
    )
    TaskResult.objects.filter(pk=made.pk).update(date_created=at, date_done=at)
    return made


@pytest.fixture
def tidying(db: None, now: datetime) -> PeriodicTask:
    """The task that runs every five minutes, as the only one."""
    call_command("sync_schedule", verbosity=0)
    PeriodicTask.objects.exclude(name="tidy-bookings").delete()
    PeriodicTask.objects.update(date_changed=now, last_run_at=now)
    return PeriodicTask.objects.select_related("interval").get()


def kinds(now: datetime) -> list[str]:
    return [each.kind for each in troubles(now=now)]


def test_a_queue_is_dead_after_three_minutes(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What other tests left behind waits for no worker.
    lengths = dict.fromkeys(QUEUES, 0)
    monkeypatch.setattr("booking.queries.watching.queue_lengths", lambda _names: lengths)
    assert not workers(now=now).is_well
    beat(now)
    beat(now + MINUTE)
    assert Heartbeat.objects.count() == 3
    assert workers(now=now + 4 * MINUTE).is_well
    beat(now + 4 * MINUTE, "reports", "maintenance")
    found = workers(now=now + 5 * MINUTE)
    assert [each.name for each in found.queues if each.is_late] == ["notifications"]
    assert not found.scheduler_is_late
    # Nobody is heard of and nothing waits: nobody puts anything into the queues.
    assert workers(now=now + DAY).scheduler_is_late
    assert kinds(now + 5 * MINUTE) == ["system.queue_late"]


def test_full_queues_are_dead_workers_not_a_dead_scheduler(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = {"notifications": 0, "maintenance": 7, "reports": 0}
    monkeypatch.setattr("booking.queries.watching.queue_lengths", lambda _names: lengths)
    found = workers(now=now)
    assert (found.scheduler_is_late, found.is_well) == (False, False)
    assert [each.waiting for each in found.queues] == [0, 7, 0]


def test_without_a_broker_heartbeats_still_tell(
    db: None, now: datetime, settings: LazySettings
) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    assert broker.queue_lengths(QUEUES) is None
    beat(now)
    found = workers(now=now)
    assert (found.broker, found.is_well) == (False, True)
    assert found.queues[0].waiting is None
    assert not workers(now=now + DAY).is_well


def test_what_waits_too_long(ada: User, now: datetime) -> None:
    late = now - timedelta(minutes=settings.WATCH_OLDEST_MINUTES + 1)
    beat(now)
    # For later: quiet hours, an act that can be undone, one that was sent.
    wait(late, ada, next_attempt_at=now + DAY)
    OutboxEvent.objects.create(kind="time.freed", created_at=late, next_attempt_at=now + DAY)
    make_message(ada, late, status=DeliveryStatus.SENT)
    # One mail that is tried again and again stops nobody else.
    wait(late, ada, next_attempt_at=now + MINUTE, attempts=2)
    assert kinds(now) == []
    wait(now - DAY, ada, next_attempt_at=now - MINUTE)
    assert kinds(now) == []
    wait(late, ada)
    OutboxEvent.objects.create(
        kind="fault.changed", created_at=late, attempts=4, next_attempt_at=now + MINUTE
    )
    assert kinds(now) == ["system.events_late", "system.messages_late"]
    found = backlog(now=now)
    assert (found.events, found.events_since, found.messages) == (1, late, 3)
    assert found.messages_since == late


def test_what_could_be_undone_waits_since_it_no_longer_can(
    db: None, now: datetime, settings: LazySettings
) -> None:
    settings.WATCH_OLDEST_MINUTES = 5
    beat(now)
    event = {"kind": "time.freed", "created_at": now - 10 * MINUTE}
    OutboxEvent.objects.create(**event, next_attempt_at=now - MINUTE)
    assert kinds(now) == []
    OutboxEvent.objects.update(next_attempt_at=now - 6 * MINUTE)
    assert kinds(now) == ["system.events_late"]


def test_many_and_failing(ada: User, now: datetime, settings: LazySettings) -> None:
    settings.WATCH_WAITING = settings.WATCH_FAILING = 2
    beat(now)
    make_message(ada, now - DAY)
    make_message(ada, now - 2 * timedelta(hours=1), next_attempt_at=now - MINUTE)
    wait(now, ada, attempts=3, next_attempt_at=now + MINUTE)
    wait(now, ada)
    assert kinds(now) == []
    wait(now, ada, attempts=5, next_attempt_at=now + MINUTE)
    assert kinds(now) == ["system.messages_many", "system.messages_failing"]
    with count_queries(3):
        assert backlog(now=now).failing == 3


def test_a_task_that_failed_or_stayed_away(tidying: PeriodicTask, now: datetime) -> None:
    beat(now)
    [state] = task_states(now=now)
    assert (state.problem, state.every, state.next_at) == ("", 5 * MINUTE, now + 5 * MINUTE)
    ran("tidy-bookings", now)
    ran("tidy-bookings", now + 5 * MINUTE, "FAILURE", traceback="Traceback\nKeyError: 'x'\n")
    [state] = task_states(now=now + 6 * MINUTE)
    assert (state.problem, state.error) == ("failed", "KeyError: 'x'")
    assert (state.succeeded_at, state.ran_at) == (now, now + 5 * MINUTE)
    ran("tidy-bookings", now + 10 * MINUTE)
    [state] = task_states(now=now + 25 * MINUTE)
    assert (state.problem, state.took) == ("", timedelta(seconds=2))
    with count_queries(3):
        [state] = task_states(now=now + 26 * MINUTE)
    assert state.problem == "late"
    # One that is running, or was switched off, is not late.
    PeriodicTask.objects.update(enabled=False)
    assert task_states(now=now + DAY) == []


def test_the_scheduler_may_write_down_late_when_it_sent_a_task(
    tidying: PeriodicTask, now: datetime
) -> None:
    minute = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.MINUTES)
    PeriodicTask.objects.update(interval=minute)
    assert task_states(now=now + 10 * MINUTE)[0].problem == ""
    assert task_states(now=now + 11 * MINUTE)[0].problem == "late"


def test_an_incident_is_told_once_and_when_it_ends(
    ada: User, chris: User, dora: User, tidying: PeriodicTask, now: datetime
) -> None:
    beat(now)
    assert watch_system(now=now) == (0, 0)
    ran("tidy-bookings", now, "FAILURE", traceback="KeyError: 'x'")
    assert watch_system(now=now) == (1, 0)
    assert watch_system(now=now + MINUTE) == (0, 0)
    notice = Notification.objects.get()
    assert (notice.user, notice.title) == (dora, "The task “tidy-bookings” failed")
    assert notice.url == "/manage/health"
    assert "KeyError: 'x'" in notice.body
    # The mail waits for the worker, the notice does not.
    mail = Message.objects.get()
    assert (mail.user, mail.channel, mail.status) == (dora, "email", DeliveryStatus.PENDING)
    assert mail.next_attempt_at is None
    # The dispatcher, if it lives, tells it no second time.
    dispatch_batch(handlers=HANDLERS, now=now)
    assert (Notification.objects.count(), Message.objects.count()) == (1, 1)
    ran("tidy-bookings", now + MINUTE)
    assert watch_system(now=now + 2 * MINUTE) == (0, 1)
    assert watch_system(now=now + 2 * MINUTE) == (0, 0)
    assert Notification.objects.latest("pk").title == "Well again: task tidy-bookings"
    incident = Incident.objects.get()
    assert (incident.began_at, incident.ended_at) == (now, now + 2 * MINUTE)
    # The same again is another incident.
    ran("tidy-bookings", now + 3 * MINUTE, "FAILURE")
    assert watch_system(now=now + 3 * MINUTE) == (1, 0)


def test_all_who_watch_are_told(cast: dict[str, User], now: datetime) -> None:
    User.objects.filter(pk=cast["ben"].pk).update(role=Role.SYSADMIN)
    beat(now - DAY, "reports")
    beat(now, "notifications", "maintenance")
    assert watch_system(now=now) == (1, 0)
    told = set(Notification.objects.values_list("user__username", flat=True))
    assert told == {"ben", "dora"}


def test_the_warning_on_the_first_page_needs_no_worker(db: None, now: datetime) -> None:
    beat(now)
    with count_queries(1):
        assert not is_anything_wrong(now=now)
    with count_queries(0):
        assert not is_anything_wrong(now=now + DAY)


def test_results_are_forgotten(db: None, now: datetime) -> None:
    ran("old", now - 15 * DAY)
    ran("new", now - 13 * DAY)
    Incident.objects.create(kind="system.task_late", began_at=now - 400 * DAY, ended_at=now)
    Incident.objects.create(
        kind="system.task_late", began_at=now - 400 * DAY, ended_at=now - 399 * DAY
    )
    assert forget_results(now=now) == 2
    assert TaskResult.objects.filter(periodic_task_name="new").count() == 1
    assert TaskResult.objects.count() == 1
