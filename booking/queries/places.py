"""The places in which somebody may do something, as one condition of a query."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.permissions import Places, places
from booking.models import ResourceAccess, ResponsiblePerson


def in_places(viewer: User, code: str, *, resource: str = "resource") -> Q:
    """The rows whose resource the viewer may do it on, however many roles they hold.

    `resource` is the way from the row to its resource; empty for resources themselves. Rows
    without a resource are for who may do it everywhere.
    """
    held = places(viewer, code)
    if held.everywhere:
        return Q()
    way = f"{resource}__" if resource else ""
    own = resource or "pk"
    return (
        Q(**{f"{own}__in": held.resource_ids})
        | Q(**{f"{way}resource_type__in": held.type_ids})
        | Q(**{f"{way}unit__in": held.unit_ids})
    )


def in_places_or(viewer: User, code: str, *, resource: str = "resource") -> Q:
    """The same as one of several conditions: an empty one would vanish among them."""
    return in_places(viewer, code, resource=resource) or Q(pk__isnull=False)


def types_in_places(viewer: User, code: str, *, kind: str = "pk") -> Q:
    """The types (or rows with a type) that the viewer may do it on as a whole."""
    held = places(viewer, code)
    return Q() if held.everywhere else Q(**{f"{kind}__in": held.type_ids})


def seen_places(viewer: User) -> Places:
    """Where the viewer sees every booking in full."""
    return places(viewer, "booking.view_all")


def shown_to(viewer: User, *, now: datetime) -> Q:
    """The resources that somebody finds: hidden ones with access, or who looks after them."""
    has_access = ResourceAccess.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), resource=OuterRef("pk"), user=viewer
    )
    responsible = ResponsiblePerson.objects.filter(resource=OuterRef("pk"), user=viewer)
    return (
        Q(is_hidden=False)
        | Exists(has_access)
        | Exists(responsible)
        | in_places_or(viewer, "resource.manage", resource="")
    )
