"""What waits for a person, in one query."""

from datetime import datetime

from django.db.models import Count, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from booking.models import Notification
from booking.queries.approvals import awaiting_decision


def navigation_counts(*, viewer: User, now: datetime) -> dict[str, int]:
    """Unread notices and bookings to decide on, for the navigation."""
    notices = (
        Notification.objects.filter(user=viewer, read_at=None)
        .order_by()
        .values("user")
        .annotate(n=Count("pk"))
        .values("n")
    )
    approvals = (
        awaiting_decision(viewer, now=now)
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(n=Count("pk", distinct=True))
        .values("n")
    )
    found = (
        User.objects.filter(pk=viewer.pk)
        .values_list(Coalesce(Subquery(notices), 0), Coalesce(Subquery(approvals), 0))
        .first()
    )
    notices_count, approvals_count = found or (0, 0)
    return {"notices": notices_count, "approvals": approvals_count}
