"""What is written by hand is what the shape describes."""

from datetime import datetime, timedelta

from rest_framework.renderers import JSONRenderer

from accounts.models import User
from booking.api.v1._booking_shapes import BookingShape, booking_out
from booking.models import Resource
from booking.services.bookings import BookingDetails, create_booking
from labitory.lib.periods import Period


def test_a_booking_is_written_as_its_shape_says(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    start = now + timedelta(days=1, hours=2)
    (booking,) = create_booking(
        actor=ada,
        user=ada,
        resource_ids=[microscope.public_id],
        period=Period(start, start + timedelta(hours=1)),
        details=BookingDetails(purpose="Actin", notes="Bring ice", attendee_ids=(ben.public_id,)),
        now=now,
    )
    written = booking_out(booking)
    renderer = JSONRenderer()
    assert renderer.render(written) == renderer.render(BookingShape(booking).data)
    assert written["attendees"] == [{"id": str(ben.public_id), "name": ben.full_name}]
    assert booking_out(booking, ()) == {**written, "attendees": []}
