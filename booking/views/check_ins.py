"""Beginning, staying longer and finishing: a page for each, and one plain form."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import require
from accounts.models import User
from booking.enums import Moment
from booking.errors import BookingError, NotAllowed
from booking.forms.bookings import show_refusals
from booking.forms.check_ins import AnswersForm, ExtendForm, FinishForm, StartForm
from booking.models import Booking, Resource
from booking.permissions import can_change_booking, where_of
from booking.queries.bookings import find_booking
from booking.queries.check_in_times import ends_for_extension
from booking.queries.check_ins import Terms, terms_of
from booking.queries.questions import asked_questions
from booking.queries.resources import instrument_page
from booking.services.check_ins import (
    Leaving,
    check_in,
    check_out,
    extend_booking,
    mark_no_show,
    start_now,
)
from booking.views._pages import raise_missing, reader, say_error
from booking.views._use import Use, asks_again, come_back, to_check_in, to_finish, to_start
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_time

PAGES = {"check_in": "check_in", "finish": "check_out", "start": "start"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_check_in(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Begin to use an instrument; first answer what is asked before."""
    actor, now = reader(request), clock_now()
    booking = _own_booking(actor, public_id)
    if request.method != "POST":
        terms = terms_of(public_id)
        use = to_check_in(viewer=actor, booking=booking, now=now)
        return _show(request, booking, use, terms=terms, now=now)
    form = AnswersForm(request.POST, questions=asked_questions(booking.resource, Moment.START))
    form.is_valid()
    try:
        check_in(actor=actor, booking_id=public_id, now=now, answers=form.answers)
    except BookingError as error:
        if not asks_again(form, error):
            return _refuse(request, booking, error)
        use = to_check_in(viewer=actor, booking=booking, now=now, form=form)
        return _show(request, booking, use, status=error.status, now=now)
    messages.success(request, _("Checked in. Enjoy your session."))
    return _back(request, booking)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_check_out(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Finish; what is left of the time goes back to everybody."""
    actor, now = reader(request), clock_now()
    booking = _own_booking(actor, public_id)
    if request.method != "POST":
        return _show(request, booking, to_finish(viewer=actor, booking=booking, now=now), now=now)
    form = FinishForm(request.POST, questions=asked_questions(booking.resource, Moment.END))
    form.is_valid()
    leaving = Leaving(
        answers=form.answers,
        handover=request.POST.get("handover", ""),
        note=request.POST.get("handover_note", ""),
    )
    try:
        check_out(actor=actor, booking_id=public_id, now=now, leaving=leaving)
    except BookingError as error:
        if not asks_again(form, error):
            return _refuse(request, booking, error)
        use = to_finish(viewer=actor, booking=booking, now=now, form=form)
        return _show(request, booking, use, status=error.status, now=now)
    messages.success(request, _("Finished. Thank you."))
    return _back(request, booking)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_extend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stay longer, as long as it is free."""
    actor, now = reader(request), clock_now()
    booking = _own_booking(actor, public_id)
    form = ExtendForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            until = form.cleaned_data["end_time"]
            try:
                extend_booking(actor=actor, booking_id=public_id, until=until, now=now)
            except BookingError as error:
                if isinstance(error, NotAllowed):
                    raise_missing(error)
                show_refusals(form, error)
                status = error.status
            else:
                messages.success(request, _("Extended until %(time)s.") % {"time": say_time(until)})
                return _back(request, booking)
    context = {
        "booking": booking,
        "form": form,
        "now": now,
        "next": come_back(request, booking.resource),
        "ends": ends_for_extension(actor=actor, booking=booking, now=now),
    }
    return render(request, "booking/check_ins/extend.html", context, status=status)


@login_required
@require_POST
def booking_no_show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Note that nobody came; what is left of the time is free again."""
    actor = reader(request)
    booking = _seen(actor, public_id)
    try:
        mark_no_show(actor=actor, booking_id=public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("Marked as a no-show. The time is free again."))
    return redirect("booking:booking_detail", booking.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def instrument_start(request: HttpRequest, code: str) -> HttpResponse:
    """Walk up to a free instrument and begin: booked and checked in with one press."""
    actor, now = reader(request), clock_now()
    page = instrument_page(Resource.objects.all(), viewer=actor, code=code, now=now)
    if page is None:
        raise Http404
    if request.method != "POST":
        return _show_start(request, page.resource, None, now=now)
    questions = asked_questions(page.resource, Moment.START)
    form = StartForm(request.POST, questions=questions)
    if not form.is_valid():
        return _show_start(request, page.resource, form, now=now, status=422)
    try:
        start_now(
            actor=actor,
            resource_id=page.resource.public_id,
            until=form.cleaned_data["end_time"],
            now=now,
            answers=form.answers,
        )
    except BookingError as error:
        if isinstance(error, NotAllowed):
            raise_missing(error)
        show_refusals(form, error)
        return _show_start(request, page.resource, form, now=now, status=error.status)
    messages.success(request, _("Checked in. Enjoy your session."))
    fallback = reverse("booking:instrument", args=[page.resource.code])
    return redirect(come_back(request, page.resource) or fallback)


def _show_start(
    request: HttpRequest,
    resource: Resource,
    form: StartForm | None,
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    use = to_start(viewer=reader(request), resource=resource, now=now, form=form)
    context = {
        "resource": resource,
        "use": use,
        "now": now,
        "next": come_back(request, resource),
    }
    return render(request, "booking/check_ins/start.html", context, status=status)


def _seen(viewer: User, public_id: UUID) -> Booking:
    found = find_booking(viewer, public_id)
    if found is None:
        raise Http404
    return found


def _own_booking(actor: User, public_id: UUID) -> Booking:
    """A booking that the reader may use; who only sees it is told what is missing."""
    booking = _seen(actor, public_id)
    allowed = can_change_booking(actor, booking)
    require(allowed, "booking.change_any", where_of(booking.resource))
    return booking


def _show(
    request: HttpRequest,
    booking: Booking,
    use: Use,
    *,
    now: datetime,
    terms: Terms | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "booking": booking,
        "resource": booking.resource,
        "use": use,
        "terms": terms,
        "now": now,
        "next": come_back(request, booking.resource),
    }
    return render(request, f"booking/check_ins/{PAGES[use.act]}.html", context, status=status)


def _refuse(request: HttpRequest, booking: Booking, error: BookingError) -> HttpResponse:
    say_error(request, error)
    return _back(request, booking)


def _back(request: HttpRequest, booking: Booking) -> HttpResponse:
    fallback = reverse("booking:booking_detail", args=[booking.public_id])
    return redirect(come_back(request, booking.resource) or fallback)
