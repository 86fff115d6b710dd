"""Bookings for tests, made as the services make them but past every rule."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from booking.enums import OPEN, Status
from booking.models import Booking, Resource
from booking.services._claims import claim_bookings


def make_booking(
    user: User,
    resource: Resource,
    start: datetime,
    length: timedelta = timedelta(hours=1),
    *,
    status: Status = Status.CONFIRMED,
    **fields: Any,
) -> Booking:
    """A booking with its claim; one that is no longer open holds no claim."""
    booking = Booking.objects.create(
        user=user,
        created_by=fields.pop("created_by", user),
        resource=resource,
        start_time=start,
        end_time=start + length,
        status=status,
        setup_minutes=resource.setup_minutes,
        cleanup_minutes=resource.cleanup_minutes,
        **fields,
    )
    if status in (*OPEN, Status.CHECKED_IN):
        claim_bookings([booking])
    return booking
