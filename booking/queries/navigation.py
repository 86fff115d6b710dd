"""What waits for a person, in one query."""

from django.db.models import Count, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, Notification
from booking.queries.places import in_places


def awaiting_decision(viewer: User) -> "QuerySet[Booking]":
    """Bookings that this person may approve or reject, never their own."""
    waiting = Booking.objects.filter(status=Status.PENDING).exclude(
        Q(user=viewer) | Q(created_by=viewer)
    )
    decides = in_places(viewer, "booking.approve")
    if not decides:
        return waiting
    return waiting.filter(decides | Q(resource__in=viewer.responsible_for.values("resource")))


def navigation_counts(*, viewer: User) -> dict[str, int]:
    """Unread notices and bookings to decide on, for the navigation."""
    notices = (
        Notification.objects.filter(user=viewer, read_at=None)
        .order_by()
        .values("user")
        .annotate(n=Count("pk"))
        .values("n")
    )
    approvals = (
        awaiting_decision(viewer)
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
