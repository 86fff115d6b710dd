"""What pages of lab managers share."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.models import User
from booking.models import Resource
from booking.permissions import can_manage_resources
from booking.queries.resources import find_resource
from booking.views._pages import reader


def manager(request: HttpRequest) -> User:
    """The reader, who must be one who manages resources; everybody else sees the page of 403."""
    actor = reader(request)
    if not can_manage_resources(actor):
        raise PermissionDenied
    return actor


def known_resource(public_id: UUID) -> Resource:
    """A resource that exists."""
    found = find_resource(public_id)
    if found is None:
        raise Http404
    return found
