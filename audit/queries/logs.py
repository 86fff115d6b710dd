"""Reading the audit log: always newest first, searches always within a time range."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.utils.functional import cached_property

from audit.models import AuditLog
from audit.permissions import can_view_logs
from audit.sentences import tell

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator

USUAL_RANGE = timedelta(days=90)
_EXACT_BELOW = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilters:
    """What to look for, from `since` up to `until`; empty texts do not filter.

    `action` is a beginning: `booking` finds all of `booking.…`; `before` is the place (moment and
    id) of the record after which to go on.
    """

    since: datetime
    until: datetime
    actor: str = ""
    action: str = ""
    object_type: str = ""
    text: str = ""
    before: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One line of a history: when, what as a sentence, and why."""

    at: datetime
    sentence: str
    reason: str


def search(*, viewer: Any, filters: LogFilters) -> "QuerySet[AuditLog]":  # noqa: ANN401 - a user
    """The records a system administrator looks for; nobody else finds any."""
    if not can_view_logs(viewer):
        return AuditLog.objects.none()
    found = AuditLog.objects.filter(at__gte=filters.since, at__lt=filters.until)
    if filters.actor:
        found = found.filter(actor_name__icontains=filters.actor)
    if filters.action:
        found = found.filter(action__startswith=filters.action)
    if filters.object_type:
        found = found.filter(object_type=filters.object_type)
    if filters.text:
        found = found.filter(
            Q(object_name__icontains=filters.text)
            | Q(reason__icontains=filters.text)
            | Q(object_id=filters.text)
            | Q(request_id=filters.text)
            | Q(facts__user__icontains=filters.text)
            | Q(facts__resource__icontains=filters.text)
        )
    if filters.before:
        at, pk = filters.before
        # The first condition is implied by the second; it alone lets whole months be skipped.
        found = found.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    return found.order_by("-at", "-pk")


def object_history(target: Model, limit: int = 50) -> "QuerySet[AuditLog]":
    """The latest records about one object."""
    return AuditLog.objects.filter(
        object_type=target._meta.label_lower, object_id=str(target.pk)
    ).order_by("-at", "-pk")[:limit]


def history_lines(target: Model, limit: int = 50) -> list[HistoryLine]:
    """The history of one object to read: newest first."""
    return list(_lines(object_history(target, limit)))


def _lines(logs: "QuerySet[AuditLog]") -> Iterator[HistoryLine]:
    for log in logs:
        yield HistoryLine(at=log.at, sentence=tell(log), reason=log.reason)


def estimated_count(found: "QuerySet[Any]") -> int:
    """About how many rows a query has: the planner's guess, or the truth where it is cheap."""
    plan = json.loads(found.order_by().explain(format="json"))
    guess = int(plan[0]["Plan"]["Plan Rows"])
    return guess if guess >= _EXACT_BELOW else found.count()


class EstimatedPaginator(AnyPaginator):
    """Pages of a list too long to count."""

    @cached_property
    def count(self) -> int:
        """About how many there are."""
        found = self.object_list
        return estimated_count(found) if isinstance(found, QuerySet) else len(found)
