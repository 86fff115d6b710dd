"""What the pages of lab managers share: what they are about, and what stands in the way."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest

from accounts.access import require
from accounts.permissions import may
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.models import Booking, Resource
from booking.permissions import where_of
from booking.queries.closures import named_bookings
from booking.queries.resources import find_resource
from booking.views._pages import reader

IN_THE_WAY = "block.bookings"


def managed_resource(request: HttpRequest, public_id: UUID, code: str) -> Resource:
    """A resource on which the reader may do what the permission's code says; else 404 or 403."""
    resource = find_resource(public_id)
    if resource is None:
        raise Http404
    where = where_of(resource)
    require(may(reader(request), code, where), code, where)
    return resource


def show_block_refusals(form: forms.Form, error: BookingError) -> list[Booking]:
    """Put refusals at their fields; gives the bookings that stand in the way, to be listed."""
    blocked: list[UUID] = []
    others = []
    for refusal in error.refusals:
        if refusal.code == IN_THE_WAY:
            blocked += [UUID(each) for each in refusal.facts["bookings"]]
        else:
            others.append(refusal)
    show_refusals(form, BookingError(others))
    return named_bookings(blocked)
