"""Answering an offer: the page behind the link of the mail."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.enums import OfferState, Status
from booking.errors import BookingError
from booking.models import Offer
from booking.queries.waiting_list import find_offer
from booking.services.offers import accept_offer, decline_offer
from booking.views._pages import reader, say_error
from labitory.lib.clock import now as clock_now


@login_required
@require_safe
def offer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is offered, until when, and two buttons; or what became of it."""
    found = find_offer(viewer=reader(request), public_id=public_id)
    if found is None:
        raise Http404
    now = clock_now()
    is_open = found.state == OfferState.OPEN
    context = {
        "offer": found,
        "is_open": is_open and found.expires_at > now,
        "has_run_out": found.state == OfferState.EXPIRED or (is_open and found.expires_at <= now),
        "now": now,
    }
    return render(request, "booking/waiting_list/offer.html", context)


@login_required
@require_POST
def offer_accept(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take what is offered."""
    try:
        booking = accept_offer(actor=reader(request), offer_id=public_id, now=clock_now())
    except Offer.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:offer", public_id)
    if booking.status == Status.PENDING:
        messages.success(request, _("Asked for. The time is yours once it is approved."))
    else:
        messages.success(request, _("Booked. The time is yours."))
    return redirect("booking:booking_detail", booking.public_id)


@login_required
@require_POST
def offer_decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Turn down what is offered; the next person gets it."""
    try:
        decline_offer(actor=reader(request), offer_id=public_id, now=clock_now())
    except Offer.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:offer", public_id)
    messages.success(request, _("Turned down. The time goes to the next person."))
    return redirect("booking:waiting_list")
