"""Offering a booking to somebody, proposing a swap, and answering."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking.enums import ProposalState
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.plans import AnswerForm, OfferForm, SwapForm
from booking.models import Booking, Proposal
from booking.queries.proposals import (
    MOST_CHOICES,
    find_proposal,
    proposals_of,
    state_of,
    swappable_bookings,
)
from booking.services.proposals import (
    Offered,
    accept_proposal,
    decline_proposal,
    propose,
    withdraw_proposal,
)
from booking.views._pages import page_of, reader, say_error
from booking.views.bookings import seen_booking
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_offer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Offer a booking of one's own to a person."""
    booking = _own(request, public_id)
    form = OfferForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        cleaned = form.cleaned_data
        offered = Offered(to=cleaned["to"], message=cleaned["message"])
        if answer := _propose(request, form, booking, offered):
            return answer
    context = {"form": form, "booking": booking}
    status = 422 if form.errors else 200
    return render(request, "booking/plans/offer.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_swap(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Propose a booking of one's own against another's."""
    booking = _own(request, public_id)
    form = SwapForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        cleaned = form.cleaned_data
        offered = Offered(wanted_id=cleaned["wanted"], message=cleaned["message"])
        if answer := _propose(request, form, booking, offered):
            return answer
    word = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    choices = swappable_bookings(
        viewer=reader(request), booking=booking, now=clock_now(), word=word
    )
    context = {
        "form": form,
        "booking": booking,
        "choices": choices,
        "chosen": str(form["wanted"].value() or ""),
        "word": word,
        "is_cut": len(choices) == MOST_CHOICES,
    }
    status = 422 if form.errors else 200
    return render(request, "booking/plans/swap.html", context, status=status)


@login_required
@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """What I was offered, and what I offered."""
    viewer, now = reader(request), clock_now()
    page = page_of(request, proposals_of(viewer), PAGE_SIZE)
    lines = [(each, state_of(each, now=now)) for each in page.object_list]
    return render(request, "booking/plans/proposals.html", {"page": page, "lines": lines})


@login_required
@require_safe
def proposal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is proposed, with the buttons that are this reader's; or what became of it."""
    viewer = reader(request)
    found = find_proposal(viewer, public_id)
    if found is None:
        raise Http404
    state = state_of(found, now=clock_now())
    context = {
        "proposal": found,
        "state": state,
        "is_open": state == ProposalState.WAITING,
        "is_mine": found.proposed_by_id == viewer.pk,
        "form": AnswerForm(),
    }
    return render(request, "booking/plans/proposal.html", context)


@login_required
@require_POST
def proposal_accept(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take what is proposed."""

    def act(now: datetime) -> None:
        accept_proposal(actor=reader(request), proposal_id=public_id, now=now)

    return _answer(request, public_id, act, _("Accepted. The time is yours."))


@login_required
@require_POST
def proposal_decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Turn down what is proposed."""
    word = request.POST.get("answer", "").replace("\x00", "")[:300]

    def act(now: datetime) -> None:
        decline_proposal(actor=reader(request), proposal_id=public_id, now=now, answer=word)

    return _answer(request, public_id, act, _("Declined. Everything stays as it is."))


@login_required
@require_POST
def proposal_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back one's own proposal."""

    def act(now: datetime) -> None:
        withdraw_proposal(actor=reader(request), proposal_id=public_id, now=now)

    return _answer(request, public_id, act, _("Withdrawn. The booking stays yours."))


def _answer(
    request: HttpRequest, public_id: UUID, act: Callable[[datetime], None], done: str
) -> HttpResponse:
    try:
        act(clock_now())
    except Proposal.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, done)
    return redirect("booking:proposal", public_id)


def _own(request: HttpRequest, public_id: UUID) -> Booking:
    viewer = reader(request)
    booking = seen_booking(viewer, public_id)
    if booking.user_id != viewer.pk:
        raise PermissionDenied
    return booking


def _propose(
    request: HttpRequest, form: Form, booking: Booking, offered: Offered
) -> HttpResponse | None:
    """Make the proposal, or put the refusals into the form."""
    try:
        made = propose(
            actor=reader(request), booking_id=booking.public_id, offered=offered, now=clock_now()
        )
    except Booking.DoesNotExist:
        form.add_error(None, _("Choose a booking from the list."))
    except BookingError as error:
        show_refusals(form, error)
    else:
        messages.success(request, _("Proposed. They get a mail with a link to answer."))
        return redirect("booking:proposal", made.public_id)
    return None
