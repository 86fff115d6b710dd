"""Whether workers, queues and schedules run: a page for administrators, a check for monitors."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import needs
from booking.models import Incident
from booking.notifications.named import named_words
from booking.notifications.wordings import Wordings
from booking.queries.schedules import TaskState, task_states
from booking.queries.watching import backlog, open_incidents, past_incidents, workers
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now

logger = structlog.get_logger(__name__)
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """One scheduled task as the page shows it."""

    state: TaskState
    schedule: str
    took: str
    badge: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """One incident in words."""

    words: str
    began_at: datetime
    ended_at: datetime | None


@needs("system.watch")
@never_cache
@require_safe
def system_health(request: HttpRequest) -> HttpResponse:
    """Queues with their last heartbeat and length, scheduled tasks, what waits, what was wrong."""
    now, viewer = clock_now(), reader(request)
    incidents, past = open_incidents(), past_incidents()
    # One look for all of them.
    wordings = Wordings([each.kind for each in (*incidents, *past)])

    def line(incident: Incident) -> IncidentLine:
        payload = {"facts": incident.facts}
        words = named_words(
            kind=incident.kind, payload=payload, actor=None, reader=viewer, wordings=wordings
        )
        return IncidentLine(
            words=words.subject, began_at=incident.began_at, ended_at=incident.ended_at
        )

    context = {
        "workers": workers(now=now),
        "backlog": backlog(now=now),
        "tasks": [_line(each) for each in task_states(now=now)],
        "incidents": [line(each) for each in incidents],
        "past": [line(each) for each in past],
    }
    return render(request, "booking/messages/health.html", context)


def _line(state: TaskState) -> TaskLine:
    words = {
        "": (_("Fine"), "checked_in"),
        "failed": (_("Failed"), "closed"),
        "late": (_("Late"), "maintenance"),
    }
    word, badge = words[state.problem]
    if not state.problem and state.ran_at is None:
        word, badge = _("Not yet run"), "later"
    return TaskLine(
        state=state,
        schedule=_every(state),
        took=_("%(n).1f s") % {"n": state.took.total_seconds()} if state.took else "",
        badge=badge,
        word=word,
    )


def _every(state: TaskState) -> str:
    """How often it runs, in the largest unit that divides it."""
    if state.every is None:
        return str(state.task.schedule)
    seconds = int(state.every.total_seconds())
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    n = seconds // size
    texts = {
        "day": ngettext("every day", "every %(n)s days", n),
        "hour": ngettext("every hour", "every %(n)s hours", n),
        "minute": ngettext("every minute", "every %(n)s minutes", n),
        "second": ngettext("every second", "every %(n)s seconds", n),
    }
    return texts[unit] % {"n": n}


@never_cache
@require_safe
def health_workers(_request: HttpRequest) -> JsonResponse:
    """The scheduler and a worker of each queue were heard of within three minutes; 503 if not."""
    try:
        found = workers(now=clock_now())
    except DatabaseError as error:
        logger.warning("health.failed", check="workers", error=str(error))
        return JsonResponse({"status": "failed", "checks": {"database": "failed"}}, status=503)
    checks = {each.name: "late" if each.is_late else "ok" for each in found.queues}
    checks["scheduler"] = "late" if found.scheduler_is_late else "ok"
    return JsonResponse(
        {"status": "ok" if found.is_well else "late", "checks": checks},
        status=200 if found.is_well else 503,
    )
