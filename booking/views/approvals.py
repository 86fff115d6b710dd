"""Bookings that wait for a decision."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.errors import BookingError
from booking.forms.bookings import ReasonForm
from booking.models import Booking
from booking.queries.approvals import awaiting_decision
from booking.queries.bookings import find_booking
from booking.services.approvals import approve_booking, reject_booking
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 20


@login_required
@require_safe
def approval_list(request: HttpRequest) -> HttpResponse:
    """What waits for this reader's decision, soonest first."""
    waiting = (
        awaiting_decision(reader(request), now=clock_now())
        .select_related("resource__resource_type", "user", "created_by")
        .order_by("start_time", "pk")
    )
    context = {"page": page_of(request, waiting, PAGE_SIZE), "now": clock_now()}
    return render(request, "booking/approvals/list.html", context)


@login_required
@require_POST
def booking_approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Confirm a booking that waits."""
    return _decide(request, public_id, approve_booking, _("Approved."))


@login_required
@require_POST
def booking_reject(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Refuse a booking that waits, with a reason."""
    return _decide(request, public_id, reject_booking, _("Rejected. The time is free again."))


def _decide(
    request: HttpRequest, public_id: UUID, act: Callable[..., Booking], done: str
) -> HttpResponse:
    actor = reader(request)
    if find_booking(actor, public_id) is None:
        raise Http404
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A reason may have at most 500 characters."))
        return redirect("booking:booking_detail", public_id)
    try:
        act(
            actor=actor,
            booking_id=public_id,
            reason=form.cleaned_data["reason"],
            now=clock_now(),
        )
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:booking_detail", public_id)
    messages.success(request, done)
    if request.POST.get("next") == "queue":
        return redirect("booking:approval_list")
    return redirect("booking:booking_detail", public_id)
