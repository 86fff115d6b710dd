"""What waits for a person, in one query."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.permissions import rights_key
from booking.models import Notification
from booking.queries.access import waiting_requests
from booking.queries.approvals import awaiting_decision
from booking.queries.assessments import submitted_assessments
from booking.queries.broadcasts import standing_receipts
from booking.queries.training_sessions import held_sessions

# What stands at the top of the pages, and what waits for somebody's act.
_STANDING = "announcements"
_COUNTED = (_STANDING, "notices", "approvals", "access", "reviews", "results")
# Stands in a kept statement where each asking puts its moment.
_MOMENT = datetime(1, 1, 1, 1, 1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose statement it is: another when anything changes that it was built from."""

    rights: Hashable
    viewer: User = field(compare=False)


def navigation_counts(*, viewer: User, now: datetime) -> dict[str, int]:
    """Unread notices and all that waits for the person's act.

    Bookings to decide on, requests for access, risk assessments to review, and sessions that they
    gave and whose results they have not recorded; `all` is the sum. `announcements` is how many
    stand at the top of their pages.
    """
    sql, params = _statement(_Reader(rights_key(viewer), viewer))
    with connection.cursor() as cursor:
        cursor.execute(sql, [now if each == _MOMENT else each for each in params])
        found = cursor.fetchone()
    counts = dict(zip(_COUNTED, found or [0] * len(_COUNTED), strict=True))
    return {**counts, "all": sum(counts.values()) - counts[_STANDING]}


@lru_cache(maxsize=500)
def _statement(reader: _Reader) -> tuple[str, tuple[Any, ...]]:
    """The statement of one reader. Every page asks it: to write it costs six times its asking."""
    viewer = reader.viewer
    counted = (
        standing_receipts(viewer, now=_MOMENT),
        Notification.objects.filter(user=viewer, read_at=None),
        awaiting_decision(viewer, now=_MOMENT),
        waiting_requests(viewer).prefetch_related(None).select_related(None),
        submitted_assessments(viewer).select_related(None),
        held_sessions(viewer=viewer, now=_MOMENT),
    )
    numbers = (Coalesce(Subquery(_number(each)), 0) for each in counted)
    asked = User.objects.filter(pk=viewer.pk).values_list(*numbers)
    sql, params = asked.query.sql_with_params()
    return sql, tuple(params)


def _number(found: "QuerySet[Any]") -> "QuerySet[Any]":
    """How many there are, as a subquery."""
    rows = found.order_by().annotate(one=Value(1)).values("one")
    numbers: QuerySet[Any] = rows.annotate(n=Count("pk", distinct=True)).values("n")
    return numbers
