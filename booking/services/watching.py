"""Watching over workers, queues and schedules, and telling who looks after them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django_celery_results.models import TaskResult

from accounts.enums import Role
from accounts.models import User
from accounts.permissions import permissions
from accounts.queries.roles import holders
from booking.events import post_event
from booking.locks import lock_watch
from booking.models import Heartbeat, Incident
from booking.notifications.named import named_words
from booking.notifications.words import Words
from booking.queries.watching import Trouble, troubles
from booking.services._telling import tell
from labitory.lib.db import run_transaction

RESULTS_KEPT, INCIDENTS_KEPT = timedelta(days=14), timedelta(days=365)
BATCH = 1000
# What is well again: events and messages as such, a queue or a task by its name.
_SAID = {
    "system.events_late": "events",
    "system.messages_late": "messages",
    "system.messages_many": "messages",
    "system.messages_failing": "messages",
    "system.queue_late": "queue",
    "system.task_late": "task",
    "system.task_failed": "task",
}


def note_heartbeat(*, queue: str, now: datetime) -> None:
    """Keep that a worker of the queue lives."""
    run_transaction(
        lambda: Heartbeat.objects.bulk_create(
            [Heartbeat(queue=queue, at=now)],
            update_conflicts=True,
            unique_fields=["queue"],
            update_fields=["at"],
        )
    )


def watch_system(*, now: datetime) -> tuple[int, int]:
    """Tell system administrators what went wrong and what is well again; gives how much of each.

    Each incident is told once, by notice and by mail, without waiting for the queue that may be
    what is wrong: the notice is there at once.
    """

    def work() -> tuple[int, int]:
        # Two watches at once would tell twice.
        lock_watch()
        found = {(each.kind, each.subject): each for each in troubles(now=now)}
        known = {(each.kind, each.subject): each for each in Incident.objects.filter(ended_at=None)}
        began = [_begin(each, now) for key, each in found.items() if key not in known]
        ended = [_end(each, now) for key, each in known.items() if key not in found]
        return len(began), len(ended)

    return run_transaction(work)


def forget_results(*, now: datetime) -> int:
    """Forget what became of tasks 14 days ago and what was wrong a year ago; gives how much."""
    gone = 0
    old = TaskResult.objects.filter(date_done__lt=now - RESULTS_KEPT)
    while keys := list(old.order_by().values_list("pk", flat=True)[:BATCH]):
        gone += run_transaction(partial(_forget, TaskResult, keys))
    past = Incident.objects.filter(ended_at__lt=now - INCIDENTS_KEPT)
    keys = list(past.values_list("pk", flat=True)[:BATCH])
    return gone + run_transaction(partial(_forget, Incident, keys))


def _forget(model: type[Model], keys: list[int]) -> int:
    return int(model._default_manager.filter(pk__in=keys).delete()[0])


def _begin(trouble: Trouble, now: datetime) -> Incident:
    incident = Incident.objects.create(
        kind=trouble.kind, subject=trouble.subject, facts=trouble.facts, began_at=now
    )
    _tell(trouble.kind, trouble.facts, now)
    return incident


def _end(incident: Incident, now: datetime) -> Incident:
    incident.ended_at = now
    incident.save(update_fields=["ended_at"])
    title = f"{_SAID[incident.kind]} {incident.subject}".strip()
    facts = {"title": title, "since": {"at": incident.began_at.isoformat()}}
    _tell("system.recovered", facts, now)
    return incident


def _tell(kind: str, facts: Mapping[str, Any], now: datetime) -> None:
    readers = _watchers(now)
    # Told here, for the dispatcher may be dead; where it is not it tells pages and other systems.
    event = post_event(
        kind=kind,
        payload={
            "people": [each.pk for each in readers],
            "actor": None,
            "path": reverse("booking:system_health"),
            "facts": dict(facts),
        },
        now=now,
    )

    def words(reader: User) -> Words:
        return named_words(kind=kind, payload=event.payload, actor=None, reader=reader)

    tell(event=event, readers=readers, words=words, actor=None, now=now)


def _watchers(now: datetime) -> list[User]:
    """Who looks after the system, by their standing role or a granted one."""
    permission = permissions()["system.watch"]
    granted = holders(code=permission.code, wheres=[], now=now)
    least = permission.least or Role.SYSADMIN
    standing = [role for role in Role if role.rank >= least.rank]
    people = User.objects.filter(is_active=True).select_related("preferences")
    found = (
        people.filter(role__in=standing)
        | people.filter(pk__in=granted)
        | people.filter(is_superuser=True)
    )
    return list(found.order_by("pk"))
