"""Whether what is sent leaves, and whether workers and schedules run."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Case, Count, Exists, Min, Q, When
from django.db.models.functions import Coalesce

from booking.enums import DeliveryStatus
from booking.models import Heartbeat, Incident, Message, OutboxEvent
from booking.queries.schedules import TaskState, task_states
from labitory.lib.broker import queue_lengths

QUEUES = ("notifications", "maintenance", "reports")
SILENCE = timedelta(minutes=3)
HOUR = timedelta(hours=1)
# Eight attempts take two hours and a half.
LONGEST_TRYING = timedelta(hours=4)
TRIES = 3
_ALARM = "system-alarm"
_ALARM_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """One queue: when a worker of it was heard of, and how many tasks wait there, if known."""

    name: str
    heard_at: datetime | None
    is_late: bool
    waiting: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Scheduler and queues; `broker` says whether Redis answers."""

    queues: tuple[QueueState, ...]
    scheduler_is_late: bool
    broker: bool

    @property
    def is_well(self) -> bool:
        """Whether everything runs."""
        return not self.scheduler_is_late and not any(each.is_late for each in self.queues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits in the database: since when the oldest could have been told or sent."""

    events: int
    events_since: datetime | None
    messages: int
    messages_since: datetime | None
    failing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong now: the kind of event that tells of it, about what, and facts."""

    kind: str
    subject: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def heartbeats(*, now: datetime) -> tuple[QueueState, ...]:
    """Each queue with its last heartbeat, in one query; three minutes of silence are too much."""
    heard = dict(Heartbeat.objects.values_list("queue", "at"))
    return tuple(
        QueueState(name=name, heard_at=heard.get(name), is_late=_is_silent(heard.get(name), now))
        for name in QUEUES
    )


def workers(*, now: datetime) -> Workers:
    """Scheduler, queues and broker now.

    When no queue is heard of and nothing waits in them, nobody put anything there: it is the
    scheduler that is dead. It cannot be told apart while the broker is away.
    """
    found = heartbeats(now=now)
    lengths = queue_lengths(QUEUES)
    is_silent = all(each.is_late for each in found)
    return Workers(
        queues=tuple(
            QueueState(
                name=each.name,
                heard_at=each.heard_at,
                is_late=each.is_late,
                waiting=None if lengths is None else lengths[each.name],
            )
            for each in found
        ),
        scheduler_is_late=is_silent and not any((lengths or {}).values()),
        broker=lengths is not None,
    )


def backlog(*, now: datetime) -> Backlog:
    """What waits to be told and sent, in three queries; what shall wait until later does not count.

    Failing are messages that were given up within the hour, and those that failed three times.
    """
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    waits = due | Q(attempts__gt=0)
    # What could be undone was due when it no longer could; what was tried, when it was written.
    due_at = Case(
        When(attempts=0, then=Coalesce("next_attempt_at", "created_at")), default="created_at"
    )
    events = OutboxEvent.objects.filter(waits, dispatched_at=None).aggregate(
        n=Count("pk"), since=Min(due_at)
    )
    messages = Message.objects.filter(status=DeliveryStatus.PENDING).aggregate(
        n=Count("pk", filter=waits),
        since=Min(Coalesce("next_attempt_at", "created_at"), filter=due),
        trying=Count("pk", filter=Q(attempts__gte=TRIES)),
    )
    given_up = Message.objects.annotate(at=Coalesce("next_attempt_at", "created_at")).filter(
        status=DeliveryStatus.FAILED, created_at__gt=now - LONGEST_TRYING, at__gt=now - HOUR
    )
    return Backlog(
        events=events["n"],
        events_since=events["since"],
        messages=messages["n"],
        messages_since=messages["since"],
        failing=messages["trying"] + given_up.count(),
    )


def troubles(*, now: datetime) -> list[Trouble]:
    """All that is wrong now and that system administrators must hear of."""
    return [
        *_backlog_troubles(backlog(now=now), now),
        *_queue_troubles(heartbeats(now=now)),
        *_task_troubles(task_states(now=now)),
    ]


def open_incidents() -> list[Incident]:
    """What is wrong and was told, the latest first."""
    return list(Incident.objects.filter(ended_at=None).order_by("-began_at", "-pk"))


def past_incidents(limit: int = 20) -> list[Incident]:
    """What was wrong and is well again, the latest first."""
    return list(Incident.objects.exclude(ended_at=None).order_by("-began_at", "-pk")[:limit])


def is_anything_wrong(*, now: datetime) -> bool:
    """Whether to warn a system administrator on the first page; kept for half a minute.

    It needs no worker: it sees that all of them are dead. Without the cache it is one query.
    """
    kept: bool | None = cache.get(_ALARM)
    if kept is None:
        heard = Heartbeat.objects.filter(queue__in=QUEUES, at__gte=now - SILENCE)
        incidents = Incident.objects.filter(ended_at=None)
        rows = list(heard.values_list(Exists(incidents), flat=True))
        kept = len(rows) < len(QUEUES) or any(rows)
        cache.set(_ALARM, kept, _ALARM_SECONDS)
    return kept


def _is_silent(heard_at: datetime | None, now: datetime) -> bool:
    return heard_at is None or now - heard_at > SILENCE


def _backlog_troubles(found: Backlog, now: datetime) -> Iterable[Trouble]:
    longest = timedelta(minutes=settings.WATCH_OLDEST_MINUTES)
    waits = (
        ("system.events_late", found.events, found.events_since),
        ("system.messages_late", found.messages, found.messages_since),
    )
    for kind, number, since in waits:
        if since is not None and now - since > longest:
            yield Trouble(kind=kind, facts={"n": number, "since": {"at": since.isoformat()}})
    counts = (
        ("system.messages_many", found.messages, settings.WATCH_WAITING),
        ("system.messages_failing", found.failing, settings.WATCH_FAILING),
    )
    for kind, number, most in counts:
        if number > most:
            yield Trouble(kind=kind, facts={"n": number})


def _queue_troubles(found: Iterable[QueueState]) -> Iterable[Trouble]:
    for each in found:
        # One that was never heard of is new; its tasks will be missed.
        if each.is_late and each.heard_at is not None:
            facts = {"title": each.name, "since": {"at": each.heard_at.isoformat()}}
            yield Trouble(kind="system.queue_late", subject=each.name, facts=facts)


def _task_troubles(found: Iterable[TaskState]) -> Iterable[Trouble]:
    for each in found:
        if not each.problem:
            continue
        moment = each.ran_at if each.is_failed and each.ran_at else each.since
        facts = {
            "title": each.task.name,
            "since": {"at": moment.isoformat()},
            "reason": each.error,
        }
        kind = "system.task_failed" if each.is_failed else "system.task_late"
        yield Trouble(kind=kind, subject=each.task.name, facts=facts)
