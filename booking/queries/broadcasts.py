"""Announcements: whom they reach, who sees them, and who has read them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import Unit, User
from accounts.permissions import Where, may, places
from accounts.permissions.catalogue import permissions
from accounts.permissions.grants import has_by_standing
from booking.enums import LIVE, Status
from booking.models import (
    Booking,
    BookingAttendee,
    Broadcast,
    BroadcastReceipt,
    Resource,
    ResourceAccess,
    ResponsiblePerson,
    UsageSession,
)
from booking.permissions import where_of
from booking.queries.places import in_places
from labitory.lib.http import lab_zone
from labitory.lib.periods import local_day

SEND = "broadcast.send"
HOUR = timedelta(hours=1)
MOST_PLACES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whom an announcement is for; without anything everybody.

    At most one of resource, place and unit; `roles` narrows it down to people of these. With
    `with_access` those too who may book there and have nothing booked.
    """

    resource: Resource | None = None
    location: str = ""
    unit: Unit | None = None
    roles: tuple[str, ...] = ()
    with_access: bool = False

    @property
    def is_everybody(self) -> bool:
        """Whether nothing narrows it down."""
        return not (self.resource or self.location or self.unit or self.roles)


def may_send(user: User, scope: Scope, *, is_emergency: bool = False) -> bool:
    """Whoever looks after the place; an alarm for everybody is for managers and administrators."""
    if scope.resource is not None:
        return may(user, SEND, where_of(scope.resource))
    if scope.unit is not None:
        return may(user, SEND, Where(unit_id=scope.unit.pk))
    if scope.location:
        found = list(Resource.objects.filter(location=scope.location))
        return bool(found) and all(may(user, SEND, where_of(each)) for each in found)
    if is_emergency and scope.is_everybody:
        return user.is_active and has_by_standing(user, permissions()[SEND])
    return may(user, SEND)


def offered_locations(viewer: User) -> list[str]:
    """Places of instruments all of which the viewer looks after, by name."""
    found = Resource.objects.exclude(location="")
    own = in_places(viewer, SEND, resource="")
    if own:
        others = found.exclude(own).values("location")
        found = found.filter(own).exclude(location__in=others)
    names = found.order_by("location").values_list("location", flat=True).distinct()
    return list(names[:MOST_PLACES])


def offered_units(viewer: User) -> "QuerySet[Unit]":
    """The organisation units that the viewer may speak to, by name."""
    held = places(viewer, SEND)
    units = Unit.objects.filter(is_active=True).order_by("name")
    return units if held.everywhere else units.filter(pk__in=held.unit_ids)


def audience(scope: Scope, *, now: datetime) -> "QuerySet[User]":
    """Everybody whom an announcement is for, as things stand now; only open accounts."""
    people = User.objects.filter(is_active=True)
    if scope.roles:
        people = people.filter(role__in=scope.roles)
    if scope.resource is not None:
        return people.filter(_around(Resource.objects.filter(pk=scope.resource.pk), scope, now))
    if scope.location:
        return people.filter(_around(Resource.objects.filter(location=scope.location), scope, now))
    if scope.unit is not None:
        there = Resource.objects.filter(_in_unit(scope.unit, "unit"))
        return people.filter(_in_unit(scope.unit, "profile__unit") | _around(there, scope, now))
    return people


def _in_unit(unit: Unit, way: str) -> Q:
    """In the unit or in one within it: three levels at most."""
    above = (way, f"{way}__parent", f"{way}__parent__parent")
    found = Q()
    for each in above:
        found |= Q(**{each: unit})
    return found


def _around(resources: "QuerySet[Resource]", scope: Scope, now: datetime) -> Q:
    """Who booked them from an hour ago until tomorrow night, uses them, or looks after them."""
    end = local_day(local_day(now, lab_zone()).end + HOUR, lab_zone()).end
    booked = Booking.objects.filter(
        Q(start_time__lt=end, end_time__gt=now - HOUR, status__in=LIVE)
        | Q(status=Status.CHECKED_IN),
        resource__in=resources,
    )
    using = UsageSession.objects.filter(resource__in=resources, ended_at=None)
    found = (
        Q(pk__in=booked.values("user"))
        | Q(pk__in=BookingAttendee.objects.filter(booking__in=booked).values("user"))
        | Q(pk__in=using.values("user"))
        | Q(pk__in=ResponsiblePerson.objects.filter(resource__in=resources).values("user"))
    )
    if scope.with_access:
        access = ResourceAccess.objects.filter(
            Q(expires_at=None) | Q(expires_at__gt=now), resource__in=resources
        )
        found |= Q(pk__in=access.values("user"))
    return found


def visible_broadcasts(viewer: User) -> "QuerySet[Broadcast]":
    """What was announced where the viewer may announce, and their own, the latest first."""
    held = places(viewer, SEND)
    found = Broadcast.objects.select_related("resource", "unit", "author")
    if not held.everywhere:
        theirs = in_places(viewer, SEND) & Q(resource__isnull=False)
        found = found.filter(theirs | Q(unit__in=held.unit_ids) | Q(author=viewer))
    return found.annotate(
        people=Count("receipts"),
        read=Count("receipts", filter=Q(receipts__acknowledged_at__isnull=False)),
    ).order_by("-created_at", "-pk")


def find_visible(viewer: User, public_id: UUID) -> Broadcast | None:
    """One that the viewer sees as somebody who announces, by its public id."""
    return visible_broadcasts(viewer).filter(public_id=public_id).first()


def scope_of(broadcast: Broadcast) -> Scope:
    """Whom it was for."""
    return Scope(
        resource=broadcast.resource,
        location=broadcast.location,
        unit=broadcast.unit,
        roles=tuple(broadcast.roles),
    )


def receipts_of(broadcast: Broadcast, *, is_read: bool) -> "QuerySet[BroadcastReceipt]":
    """Who has acknowledged it, or who has not, by name."""
    found = broadcast.receipts.filter(acknowledged_at__isnull=not is_read)
    return found.select_related("user").order_by("user__last_name", "user__first_name", "pk")


def own_receipt(user: User, public_id: UUID) -> BroadcastReceipt | None:
    """What somebody was told, with when they acknowledged it; None when it was not for them."""
    found = BroadcastReceipt.objects.select_related("broadcast__author")
    return found.filter(user=user, broadcast__public_id=public_id).first()


def standing_receipts(viewer: User, *, now: datetime) -> "QuerySet[BroadcastReceipt]":
    """What stands at the top of the viewer's pages: not acknowledged, not over, not ended."""
    shown = Q(broadcast__shown_until=None) | Q(broadcast__shown_until__gt=now)
    return BroadcastReceipt.objects.filter(
        shown, user=viewer, acknowledged_at=None, broadcast__ended_at=None
    )


def standing_for(viewer: User, *, now: datetime) -> "QuerySet[BroadcastReceipt]":
    """The same to show: emergencies first, the latest first."""
    return (
        standing_receipts(viewer, now=now)
        .select_related("broadcast__author")
        .order_by("-broadcast__is_emergency", "-broadcast__created_at")[:5]
    )
