"""Bookings that wait for a decision: the inbox, answering, and what was answered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import needs
from booking.enums import Status
from booking.errors import BookingError
from booking.forms.approvals import DecisionsForm, InboxForm
from booking.forms.bookings import ReasonForm
from booking.models import Booking
from booking.permissions import may_somewhere
from booking.queries.approval_answers import (
    AnswerFilters,
    InboxFilters,
    answers,
    approval_statistics,
    inbox,
    may_see_statistics,
)
from booking.queries.bookings import find_booking
from booking.queries.choices import offered_types
from booking.services.approvals import approve_booking, decide_bookings, reject_booking
from booking.views._live import render_live
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now
from labitory.lib.http import is_live_part

PAGE_SIZE = 12
SPANS = (30, 90, 365)


@login_required
@require_safe
def approval_list(request: HttpRequest) -> HttpResponse:
    """What waits for this reader's decision, or all they may decide on; soonest first."""
    viewer, now = reader(request), clock_now()
    form = InboxForm(request.GET)
    form.is_valid()
    everything = request.GET.get("show") == "all"
    word = form.cleaned_data.get("q", "").replace("\x00", "").strip()
    filters = InboxFilters(everything=everything, word=word, type_id=form.cleaned_data.get("type"))
    context = {
        "page": page_of(request, inbox(viewer, filters, now=now), PAGE_SIZE),
        "now": now,
        "types": None if is_live_part(request) else offered_types(),
        "everything": everything,
        "sees_all": may_somewhere(viewer, "booking.approve"),
        "chosen": {"q": word, "type": str(filters.type_id or "")},
        "is_filtered": bool(word or filters.type_id),
        "back": request.get_full_path(),
    }
    return render_live(
        request, "booking/approvals/list.html", "booking/approvals/_live.html", context
    )


@login_required
@require_POST
def approvals_decide(request: HttpRequest) -> HttpResponse:
    """Approve or reject all that was ticked; what became of each is said."""
    form = DecisionsForm(request.POST)
    if not form.is_valid():
        messages.error(
            request, _("Choose what to decide on, and give a reason of at most 500 characters.")
        )
        return _back(request)
    approve = form.cleaned_data["act"] == "approve"
    try:
        told = decide_bookings(
            actor=reader(request),
            booking_ids=[UUID(each) for each in form.cleaned_data["booking"]],
            approve=approve,
            reason=form.cleaned_data["reason"],
            now=clock_now(),
        )
    except BookingError as error:
        say_error(request, error)
        return _back(request)
    done = [each.booking for each in told if each.booking]
    if done:
        messages.success(request, _said_done(len(done), approve=approve))
    for each in told:
        for refusal in each.error.refusals if each.error else ():
            messages.error(request, f"{each.label}: {refusal.text}" if each.label else refusal.text)
    return _back(request)


@login_required
@require_POST
def booking_approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Agree to a booking that waits."""
    return _decide(request, public_id, approve_booking, _said_approved)


@login_required
@require_POST
def booking_reject(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Refuse a booking that waits, with a reason."""
    return _decide(request, public_id, reject_booking, _said_rejected)


@login_required
@require_safe
def approval_answers(request: HttpRequest) -> HttpResponse:
    """What was answered: by this reader, and by all where they may approve."""
    days = _days(request)
    filters = AnswerFilters(
        since=clock_now() - timedelta(days=days),
        by=_id(request, "by"),
        resource_id=_id(request, "resource"),
    )
    viewer = reader(request)
    context = {
        "page": page_of(request, answers(viewer, filters), PAGE_SIZE),
        "days": days,
        "spans": SPANS,
        "is_filtered": bool(filters.by or filters.resource_id),
        "sees_all": may_see_statistics(viewer),
    }
    return render(request, "booking/approvals/answers.html", context)


@needs("booking.approve")
@require_safe
def approval_figures(request: HttpRequest) -> HttpResponse:
    """How often the answer was yes, and how long people waited for it."""
    days, now = _days(request), clock_now()
    since: datetime = now - timedelta(days=days)
    context = {
        "statistics": approval_statistics(reader(request), since=since, now=now),
        "days": days,
        "spans": SPANS,
    }
    return render(request, "booking/approvals/statistics.html", context)


def _decide(
    request: HttpRequest,
    public_id: UUID,
    act: Callable[..., Booking],
    say: Callable[[Booking], str],
) -> HttpResponse:
    actor = reader(request)
    if find_booking(actor, public_id) is None:
        raise Http404
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A reason may have at most 500 characters."))
        return redirect("booking:booking_detail", public_id)
    try:
        booking = act(
            actor=actor,
            booking_id=public_id,
            reason=form.cleaned_data["reason"],
            now=clock_now(),
        )
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:booking_detail", public_id)
    messages.success(request, say(booking))
    if request.POST.get("next"):
        return _back(request)
    return redirect("booking:booking_detail", public_id)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the inbox as it was filtered."""
    inbox_address = reverse("booking:approval_list")
    wanted = request.POST.get("next", "")
    is_inbox = wanted == inbox_address or wanted.startswith(f"{inbox_address}?")
    if is_inbox and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(inbox_address)


def _said_approved(booking: Booking) -> str:
    if booking.status == Status.PENDING:
        return _("You agreed. It waits for others now.")
    return _("Approved. %(what)s, %(who)s.") % _named(booking)


def _said_rejected(booking: Booking) -> str:
    return _("Rejected. The time is free again: %(what)s, %(who)s.") % _named(booking)


def _named(booking: Booking) -> dict[str, object]:
    """So that whoever runs through the inbox sees which one it was."""
    return {"what": booking.resource.name, "who": booking.user}


def _said_done(number: int, *, approve: bool) -> str:
    if approve:
        return ngettext("%(n)s was approved.", "%(n)s were approved.", number) % {"n": number}
    return ngettext("%(n)s was rejected.", "%(n)s were rejected.", number) % {"n": number}


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(each) for each in SPANS} else SPANS[1]


def _id(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None
