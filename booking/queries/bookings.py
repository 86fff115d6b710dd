"""Reading bookings."""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Prefetch,
    Q,
    QuerySet,
)

from accounts.models import User
from booking.enums import DEAD, LIVE
from booking.models import Booking, BookingAttendee
from booking.permissions import may_somewhere
from booking.queries._among import among
from booking.queries.approvals import asked_about
from booking.queries.places import in_places
from labitory.lib.http import lab_zone
from labitory.lib.periods import local_midnight

_LONG = timedelta(days=7)


def visible_bookings(viewer: User) -> QuerySet[Booking]:
    """The bookings a person may see in full.

    Their own, those they made or attend, those on resources they are responsible for, those on
    which they decide or decided, and all where they may see all.
    """
    bookings = Booking.objects.select_related("resource", "user", "created_by", "project")
    all_of = in_places(viewer, "booking.view_all")
    if not all_of:
        return bookings
    responsible = among("resource", viewer.responsible_for.values("resource"))
    return bookings.filter(
        all_of
        | Q(user=viewer)
        | (Q(created_by=viewer) & ~Q(created_by=F("user")))
        | _attended(viewer)
        # Live ones and others have an index each.
        | (Q(status__in=LIVE) & responsible)
        | (Q(status__in=DEAD) & responsible)
        | asked_about(viewer)
    )


def my_bookings(viewer: User) -> QuerySet[Booking]:
    """The bookings that are for this person, or that they attend."""
    return Booking.objects.select_related("resource", "user", "created_by", "project").filter(
        Q(user=viewer) | _attended(viewer)
    )


def by_start(bookings: QuerySet[Booking], viewer: User) -> QuerySet[Booking]:
    """Bookings in order of time, whatever part of all of them the viewer may see."""
    if not in_places(viewer, "booking.view_all"):
        return bookings.order_by("start_time", "pk")
    # Few of all: in the order of the index the database would walk through everybody's to find
    # them, so it must not see that there is one.
    start = ExpressionWrapper(F("start_time") + timedelta(0), output_field=DateTimeField())
    return bookings.order_by(start, "pk")


def _attended(viewer: User) -> Q:
    return among("pk", BookingAttendee.objects.filter(user=viewer).values("booking"))


def on_day(bookings: QuerySet[Booking], day: date) -> QuerySet[Booking]:
    """Those of the bookings that hold or held time on a day of the lab."""
    begin = local_midnight(day, lab_zone())
    end = local_midnight(day + timedelta(days=1), lab_zone())
    # As calendars do: a week back by start, and the few long ones by their own index.
    length = ExpressionWrapper(F("end_time") - F("start_time"), output_field=DurationField())
    long = Booking.objects.alias(length=length).filter(
        length__gt=_LONG, status__in=LIVE, start_time__lt=end, end_time__gt=begin
    )
    near = Q(start_time__gt=begin - _LONG) | among("pk", long.values("pk"))
    return bookings.filter(near, start_time__lt=end, end_time__gt=begin, status__in=LIVE)


def find_booking(viewer: User, public_id: UUID) -> Booking | None:
    """One booking with its people, or None when the viewer may not see it."""
    attendees = BookingAttendee.objects.select_related("user")
    return (
        visible_bookings(viewer)
        .prefetch_related(Prefetch("attendees", attendees), "resource__responsible")
        .filter(public_id=public_id)
        .first()
    )


def find_person(viewer: User, public_id: UUID) -> User | None:
    """Somebody to book for: anybody active for who may book for others, else only themselves."""
    if not may_somewhere(viewer, "booking.book_for_others") and public_id != viewer.public_id:
        return None
    return User.objects.filter(public_id=public_id, is_active=True).first()
