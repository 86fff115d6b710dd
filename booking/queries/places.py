"""The places in which somebody may do something, as one condition of a query."""

from django.db.models import Q

from accounts.models import User
from accounts.permissions import Places, places


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


def types_in_places(viewer: User, code: str, *, kind: str = "pk") -> Q:
    """The types (or rows with a type) that the viewer may do it on as a whole."""
    held = places(viewer, code)
    return Q() if held.everywhere else Q(**{f"{kind}__in": held.type_ids})


def seen_places(viewer: User) -> Places:
    """Where the viewer sees every booking in full."""
    return places(viewer, "booking.view_all")
