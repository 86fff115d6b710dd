"""What waits for a person, in one query."""

from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from booking.models import Notification
from booking.queries.access import waiting_requests
from booking.queries.approvals import awaiting_decision
from booking.queries.assessments import submitted_assessments
from booking.queries.training_sessions import held_sessions


def navigation_counts(*, viewer: User, now: datetime) -> dict[str, int]:
    """Unread notices and all that waits for the person's act.

    Bookings to decide on, requests for access, risk assessments to review, and sessions that they
    gave and whose results they have not recorded; `all` is the sum.
    """
    counted = {
        "notices": _number(Notification.objects.filter(user=viewer, read_at=None)),
        "approvals": _number(awaiting_decision(viewer, now=now)),
        "access": _number(waiting_requests(viewer).prefetch_related(None).select_related(None)),
        "reviews": _number(submitted_assessments(viewer).select_related(None)),
        "results": _number(held_sessions(viewer=viewer, now=now)),
    }
    found = (
        User.objects.filter(pk=viewer.pk)
        .values_list(*(Coalesce(Subquery(each), 0) for each in counted.values()))
        .first()
    )
    counts = dict(zip(counted, found or [0] * len(counted), strict=True))
    return {**counts, "all": sum(counts.values())}


def _number(found: "QuerySet[Any]") -> "QuerySet[Any]":
    """How many there are, as a subquery."""
    rows = found.order_by().annotate(one=Value(1)).values("one")
    numbers: QuerySet[Any] = rows.annotate(n=Count("pk", distinct=True)).values("n")
    return numbers
