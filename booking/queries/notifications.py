"""Who must hear of what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from accounts.permissions import permissions
from accounts.queries.roles import holders
from booking.models import Booking
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
