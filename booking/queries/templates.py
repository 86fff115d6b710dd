"""Reading templates of bookings."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from booking.models import BookingTemplate

MOST_NAMED = 50


def templates_of(viewer: User) -> QuerySet[BookingTemplate]:
    """The person's templates by name, with their resources."""
    return (
        BookingTemplate.objects.filter(user=viewer)
        .select_related("project")
        .prefetch_related("resources")
        .order_by("name")
    )


def named_templates(viewer: User) -> list[BookingTemplate]:
    """The person's templates, to be named only."""
    return list(
        BookingTemplate.objects.filter(user=viewer)
        .only("public_id", "name")
        .order_by("name")[:MOST_NAMED]
    )


def find_template(viewer: User, public_id: UUID) -> BookingTemplate | None:
    """One of the person's templates; another's is as good as none."""
    return templates_of(viewer).filter(public_id=public_id).first()
