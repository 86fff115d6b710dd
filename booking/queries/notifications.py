"""Who must hear of what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.permissions import permissions
from accounts.queries.roles import holders
from booking.enums import LIVE, WatchMode
from booking.models import (
    Booking,
    BookingAttendee,
    Resource,
    ResourceAccess,
    ResponsiblePerson,
)
from booking.permissions import where_of
from booking.queries.approvals import asked_people


def bookings_of_event(public_ids: Sequence[str]) -> list[Booking]:
    """The bookings an event tells of, with what its words need, in order."""
    ids = [UUID(each) for each in public_ids]
    found = Booking.objects.filter(public_id__in=ids).select_related(
        "resource", "user__preferences", "created_by", "series"
    )
    by_id = {booking.public_id: booking for booking in found}
    return [by_id[each] for each in ids if each in by_id]


def people_of(bookings: Sequence[Booking]) -> list[User]:
    """Everybody whom the bookings concern: for whom they are, who made them, who comes along."""
    keys = [booking.pk for booking in bookings]
    ids = {booking.user_id for booking in bookings} | {each.created_by_id for each in bookings}
    people = User.objects.select_related("preferences").filter(is_active=True)
    return list(people.filter(Q(pk__in=ids) | Q(attendances__booking__in=keys)).distinct())


def people_by_key(keys: Sequence[int]) -> list[User]:
    """Those of the people who still have an account that is open."""
    found = User.objects.filter(pk__in=keys, is_active=True)
    return list(found.select_related("preferences").order_by("pk"))


def followers_of(resource: int, *, now: datetime) -> list[User]:
    """Who follows a resource; of a hidden one, only those who have access or look after it."""
    access = ResourceAccess.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), resource=resource, user=OuterRef("pk")
    )
    responsible = ResponsiblePerson.objects.filter(resource=resource, user=OuterRef("pk"))
    is_open = Resource.objects.filter(pk=resource, is_hidden=False)
    found = User.objects.filter(
        Exists(is_open) | Exists(access) | Exists(responsible),
        resource_watches__resource=resource,
        resource_watches__mode=WatchMode.FOLLOW,
        is_active=True,
    )
    return list(found.select_related("preferences").order_by("pk"))


def standing_for(reader: User, bookings: Sequence[Booking]) -> list[Booking]:
    """Those bookings that stand and still concern the reader, in order."""
    live = [booking for booking in bookings if booking.status in LIVE]
    own = {each.pk for each in live if reader.pk in (each.user_id, each.created_by_id)}
    if len(own) < len(live):
        rest = [each.pk for each in live if each.pk not in own]
        attended = BookingAttendee.objects.filter(user=reader, booking__in=rest)
        own |= set(attended.values_list("booking", flat=True))
    return [booking for booking in live if booking.pk in own]


def deciders_of(bookings: Sequence[Booking], *, now: datetime) -> list[User]:
    """Who is asked to decide on the bookings, with who stands in for them now.

    Where nobody in particular is asked: responsible persons, or where there are none those who may
    approve there.
    """
    own = {booking.user_id for booking in bookings} | {each.created_by_id for each in bookings}
    people = User.objects.select_related("preferences").filter(is_active=True).exclude(pk__in=own)
    asked = asked_people(bookings, now=now)
    if asked:
        return list(people.filter(pk__in=asked))
    resources = {booking.resource_id for booking in bookings}
    responsible = list(people.filter(responsible_for__resource__in=resources).distinct())
    if responsible:
        return responsible
    code = "booking.approve"
    granted = holders(code=code, wheres=[where_of(each.resource) for each in bookings], now=now)
    return list(people.filter(Q(role=permissions()[code].least) | Q(pk__in=granted)))
