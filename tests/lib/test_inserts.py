"""Rows of several models are written by one statement."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from booking.models import Booking, BookingStatus, OutboxEvent, Resource
from labitory.lib.inserts import insert_together
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db


def test_one_statement_for_all(ada: User, microscope: Resource, now: datetime) -> None:
    booking = make_booking(ada, microscope, now)
    booking.pk, booking.public_id = booking.pk + 1000, Booking().public_id
    step = BookingStatus(booking=booking, to_status="confirmed", actor=ada, at=now)
    events = [OutboxEvent(kind="a", payload={"n": 1}, created_at=now) for _n in range(2)]
    with count_queries(1):
        # What refers may come before what it refers to.
        insert_together([step], [], events, [booking])
    assert BookingStatus.objects.get(booking_id=booking.pk).to_status == "confirmed"
    assert [each.payload for each in OutboxEvent.objects.all()] == [{"n": 1}, {"n": 1}]
    booking.purpose = "Changed"
    booking.save()
    assert Booking.objects.count() == 2


def test_nothing_is_no_statement() -> None:
    with count_queries(0):
        insert_together([], [])


def test_all_or_none(ada: User, now: datetime) -> None:
    event = OutboxEvent(kind="a", payload={}, created_at=now)
    lost = BookingStatus(booking_id=1, to_status="confirmed", actor=ada, at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_together([event], [lost])
        connection.check_constraints()
    assert not OutboxEvent.objects.exists()
