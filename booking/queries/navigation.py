"""What waits for a person, in one query."""

from datetime import datetime

from django.db.models import Count, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from booking.models import Notification
from booking.queries.access import waiting_requests
from booking.queries.approvals import awaiting_decision


def navigation_counts(*, viewer: User, now: datetime) -> dict[str, int]:
    """Unread notices, bookings to decide on and requests for access, for the navigation."""
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
    access = (
        waiting_requests(viewer)
        .prefetch_related(None)
        .select_related(None)
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(n=Count("pk"))
        .values("n")
    )
    found = (
        User.objects.filter(pk=viewer.pk)
        .values_list(*(Coalesce(Subquery(each), 0) for each in (notices, approvals, access)))
        .first()
    )
    return dict(zip(("notices", "approvals", "access"), found or (0, 0, 0), strict=True))
