"""What waits for a person, in one query."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from orjson import loads

from accounts.models import User
from accounts.permissions import rights_key
from booking.models import Notification
from booking.queries.access import waiting_requests
from booking.queries.approvals import awaiting_decision
from booking.queries.assessments import submitted_assessments
from booking.queries.broadcasts import standing_receipts
from booking.queries.training_sessions import held_sessions

_COUNTED = ("notices", "approvals", "access", "reviews", "results")
_MOST_ANNOUNCEMENTS = 5
# Stands in a kept statement where each asking puts its moment.
_MOMENT = datetime(1, 1, 1, 1, 1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose statement it is: another when anything changes that it was built from."""

    rights: Hashable
    viewer: User = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What stands at the top of somebody's pages."""

    public_id: str
    title: str
    text: str
    is_emergency: bool
    must_acknowledge: bool
    author: str
    created_at: datetime


def navigation_counts(*, viewer: User, now: datetime) -> dict[str, Any]:
    """Unread notices and all that waits for the person's act.

    Bookings to decide on, requests for access, risk assessments to review, and sessions that they
    gave and whose results they have not recorded; `all` is the sum. `announcements` are those that
    stand at the top of their pages, emergencies first, the latest first.
    """
    sql, params = _statement(_Reader(rights_key(viewer), viewer))
    with connection.cursor() as cursor:
        cursor.execute(sql, [now if each == _MOMENT else each for each in params])
        found = cursor.fetchone()
    standing, *numbers = found or ((), *[0] * len(_COUNTED))
    counts = dict(zip(_COUNTED, numbers, strict=True))
    said = [_announcement(loads(each)) for each in standing]
    return {**counts, "all": sum(numbers), "announcements": said}


@lru_cache(maxsize=500)
def _statement(reader: _Reader) -> tuple[str, tuple[Any, ...]]:
    """The statement of one reader. Every page asks it: to write it costs six times its asking."""
    viewer = reader.viewer
    counted = (
        Notification.objects.filter(user=viewer, read_at=None),
        awaiting_decision(viewer, now=_MOMENT),
        waiting_requests(viewer).prefetch_related(None).select_related(None),
        submitted_assessments(viewer).select_related(None),
        held_sessions(viewer=viewer, now=_MOMENT),
    )
    numbers = (Coalesce(Subquery(_number(each)), 0) for each in counted)
    asked = User.objects.filter(pk=viewer.pk).values_list(_announcements(viewer), *numbers)
    sql, params = asked.query.sql_with_params()
    return sql, tuple(params)


def _announcements(viewer: User) -> ArraySubquery:
    """What stands there, each as JSON: it comes along with the counts."""
    own = ("public_id", "title", "text", "is_emergency", "must_acknowledge", "created_at")
    author = ("first_name", "last_name", "username")
    standing = standing_receipts(viewer, now=_MOMENT).order_by(
        "-broadcast__is_emergency", "-broadcast__created_at"
    )
    fields = {name: f"broadcast__{name}" for name in own}
    fields |= {name: f"broadcast__author__{name}" for name in author}
    said = standing.annotate(said=JSONObject(**fields)).values("said")
    return ArraySubquery(said[:_MOST_ANNOUNCEMENTS])


def _announcement(told: dict[str, Any]) -> Announcement:
    author = User(**{name: told.pop(name) for name in ("first_name", "last_name", "username")})
    told["created_at"] = datetime.fromisoformat(told["created_at"])
    return Announcement(author=author.full_name, **told)


def _number(found: "QuerySet[Any]") -> "QuerySet[Any]":
    """How many there are, as a subquery."""
    rows = found.order_by().annotate(one=Value(1)).values("one")
    numbers: QuerySet[Any] = rows.annotate(n=Count("pk", distinct=True)).values("n")
    return numbers
