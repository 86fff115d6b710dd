"""The scheduled tasks: when each ran, how it went, and when it is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django_celery_beat.models import PeriodicTask
from django_celery_results.models import TaskResult

FAILED, DONE = "FAILURE", "SUCCESS"
# A run may be missed or wait for a worker; three of them are no accident.
RUNS_MISSED = 3
# The scheduler writes down when it sent a task only every three minutes; a worker may be busy.
PATIENCE = timedelta(minutes=10)
LOOKED_BACK = timedelta(days=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """One scheduled task; `problem` is empty, `failed` or `late`.

    `every` is None for tasks at fixed times of the day, `took` where nothing keeps results; `since`
    is its last success, or its last run where none is known.
    """

    task: PeriodicTask
    every: timedelta | None
    ran_at: datetime | None
    succeeded_at: datetime | None
    since: datetime
    took: timedelta | None
    is_failed: bool
    error: str
    next_at: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class _Run:
    """One finished run."""

    status: str
    began_at: datetime | None
    done_at: datetime
    traceback: str | None
    result: str | None

    @property
    def error(self) -> str:
        """What it died of: the last line of its traceback."""
        lines = (self.traceback or self.result or "").strip().splitlines()
        return lines[-1][:300] if lines else ""


def task_states(*, now: datetime) -> list[TaskState]:
    """Every scheduled task that has not been switched off, by name, in three queries."""
    tasks = PeriodicTask.objects.filter(enabled=True, one_off=False).select_related(
        "interval", "crontab"
    )
    latest = _latest(now)
    return [_state(each, *latest.get(each.name, (None, None)), now) for each in tasks]


def _latest(now: datetime) -> dict[str, tuple[_Run | None, _Run | None]]:
    """The last finished run of each task, and the last that went well."""
    over = Q(status=FAILED) | Q(status=DONE)
    rows = (
        TaskResult.objects.filter(
            over, date_created__gt=now - LOOKED_BACK, periodic_task_name__isnull=False
        )
        .order_by()
        .values_list("periodic_task_name")
        .annotate(last=Max("pk"), well=Max("pk", filter=Q(status=DONE)))
    )
    named = {name: (last, well) for name, last, well in rows}
    keys = {key for pair in named.values() for key in pair if key is not None}
    runs = TaskResult.objects.filter(pk__in=keys).order_by()
    columns = ("pk", "status", "date_started", "date_done", "traceback", "result")
    found = {key: _Run(*rest) for key, *rest in runs.values_list(*columns)}
    return {name: (found.get(last), found.get(well)) for name, (last, well) in named.items()}


def _state(task: PeriodicTask, last: _Run | None, well: _Run | None, now: datetime) -> TaskState:
    every = _interval(task)
    is_failed = last is not None and last.status == FAILED
    ran_at = last.done_at if last else task.last_run_at
    succeeded_at = well.done_at if well else None
    since = succeeded_at or ran_at or task.date_changed
    is_late = every is not None and now - since > max(RUNS_MISSED * every, PATIENCE)
    return TaskState(
        task=task,
        every=every,
        ran_at=ran_at,
        succeeded_at=succeeded_at,
        since=since,
        took=last.done_at - last.began_at if last and last.began_at else None,
        is_failed=is_failed,
        error=last.error if last and is_failed else "",
        next_at=(task.last_run_at or task.date_changed) + every if every else None,
        problem="failed" if is_failed else "late" if is_late else "",
    )


def _interval(task: PeriodicTask) -> timedelta | None:
    if task.interval is None:
        return None
    return timedelta(**{task.interval.period: task.interval.every})
