"""What the pages of lab managers share: who may open them, and what stands in the way."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.models import Booking
from booking.permissions import can_manage_resources
from booking.queries.closures import named_bookings
from booking.views._pages import reader

P = ParamSpec("P")
IN_THE_WAY = "block.bookings"
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def managers_only(view: "View[P]") -> "View[P]":
    """Visitors log in first; whoever is no lab manager gets 403."""

    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not can_manage_resources(reader(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required(wraps(view)(checked))


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
