"""Pages of bookings: my list, one booking, making, moving and cancelling."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from audit.queries.logs import history_lines
from booking.enums import LIVE, OPEN, Status
from booking.errors import BookingError
from booking.forms.bookings import (
    BookingForm,
    ReasonForm,
)
from booking.models import Booking
from booking.notifications.ics import booking_calendar
from booking.permissions import can_change_booking
from booking.queries.bookings import find_booking, my_bookings, on_day, visible_bookings
from booking.queries.displaced import with_replacement
from booking.queries.home import with_companions
from booking.queries.templates import named_templates
from booking.services.bookings import (
    BookingDetails,
    cancel_booking,
    create_booking,
)
from booking.services.pools import create_pool_booking
from booking.views._booking_edit import EditPage, save_texts
from booking.views._booking_form import (
    Answer,
    answer_context,
    ask_rules,
    before_a_time,
    linked_form,
    page_context,
    picked,
    refuse,
)
from booking.views._booking_page import booking_page, can_still_change, is_late_now
from booking.views._booking_plans import plans_of_booking
from booking.views._pages import asked_day, page_of, query_with, reader, say_error
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_period
from labitory.lib.http import lab_zone

HISTORY_SHOWN = 50
PAGE_SIZE = 25


def as_uuid(word: str) -> UUID:
    """The id that a word writes, or nothing that could be found."""
    try:
        return UUID(word)
    except ValueError as error:
        raise Http404 from error


def seen_booking(viewer: User, public_id: UUID) -> Booking:
    """A booking that the reader may see in full; another's is as good as none."""
    found = find_booking(viewer, public_id)
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def booking_list(request: HttpRequest) -> HttpResponse:
    """My bookings, to come or past; those who look after more can see more."""
    viewer, now = reader(request), clock_now()
    everybody = request.GET.get("whose") == "all"
    past = request.GET.get("tab") == "past"
    day = _day_of(request, now)
    found = visible_bookings(viewer) if everybody else my_bookings(viewer)
    ahead = Q(status__in=(*OPEN, Status.CHECKED_IN), end_time__gt=now)
    if day is not None:
        found = on_day(found, day).order_by("start_time", "pk")
    elif past:
        found = found.exclude(ahead).order_by("-start_time", "-pk")
    else:
        found = found.filter(ahead).order_by("start_time", "pk")
    status = request.GET.get("status", "")
    if status in Status.values:
        found = found.filter(status=status)
    if word := request.GET.get("q", "").replace("\x00", "").strip()[:100]:
        match = Q(resource__name__icontains=word) | Q(purpose__icontains=word)
        found = found.filter(match)
    context = {
        "page": page_of(request, with_replacement(with_companions(found)), PAGE_SIZE),
        "past": past,
        "day": day,
        "everybody": everybody,
        "status": status,
        "statuses": Status.choices,
        "tabs": {
            "upcoming": query_with(request, tab=None, day=None, page=None, status=None),
            "past": query_with(request, tab="past", day=None, page=None, status=None),
        },
        "is_filtered": bool(word or status or day),
        "templates": named_templates(viewer),
    }
    return render(request, "booking/bookings/list.html", context)


def _day_of(request: HttpRequest, now: datetime) -> date | None:
    """The lab's day that the address asks for, if any."""
    if not request.GET.get("day"):
        return None
    return asked_day(request, name="day", otherwise=now.astimezone(lab_zone()).date())


@login_required
@require_safe
def booking_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All about one booking, with what this reader can do about it."""
    viewer = reader(request)
    booking = seen_booking(viewer, public_id)
    now = clock_now()
    page = booking_page(viewer=viewer, booking=booking, now=now)
    plans = plans_of_booking(viewer=viewer, booking=booking, now=now)
    context = {
        "booking": booking,
        "page": page,
        "now": now,
        "is_late": page.can_change and page.is_late,
        "history": history_lines(target=booking, limit=HISTORY_SHOWN),
        "plans": plans,
    }
    return render(request, "booking/bookings/detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_new(request: HttpRequest) -> HttpResponse:
    """Book: the form, with the rules' answer before and after it is sent."""
    now, actor = clock_now(), reader(request)
    if request.method != "POST":
        form = linked_form(request, actor)
        answer = ask_rules(form=form, actor=actor, now=now) if form.is_valid() else None
        return _form_page(request, form, answer)
    form = BookingForm(picked(request.POST), actor=actor)
    if not form.is_valid():
        return _form_page(request, form, None, status=422)
    if "check" in request.POST:
        return _form_page(request, form, ask_rules(form=form, actor=actor, now=now))
    try:
        bookings = _create(form, actor, now)
    except BookingError as error:
        return _form_page(request, form, refuse(form, error), status=error.status)
    messages.success(request, _made_text(bookings))
    return redirect("booking:booking_detail", bookings[0].public_id)


@require_POST
def booking_preview(request: HttpRequest) -> HttpResponse:
    """What the rules would say to the form as it stands; nothing is booked."""
    if not request.user.is_authenticated and request.headers.get("HX-Request"):
        # The login page would otherwise be put into the middle of the form.
        return render(request, "booking/bookings/_logged_out.html")
    return _preview(request)


@login_required
def _preview(request: HttpRequest) -> HttpResponse:
    now, actor = clock_now(), reader(request)
    if word := request.POST.get("booking"):
        booking = seen_booking(actor, as_uuid(word))
        # The answer tells of the other bookings of its person.
        if not can_change_booking(actor, booking):
            raise PermissionDenied
        return EditPage(request, booking, now).show_answer()
    form = BookingForm(request.POST, actor=actor)
    answer = ask_rules(form=form, actor=actor, now=now) if form.is_valid() else None
    context = answer_context(form=form, actor=actor, now=now, answer=answer)
    if answer is None:
        context |= before_a_time(form=form, actor=actor, now=now)
    return render(request, "booking/bookings/_live.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Move a booking, or change what it says: a form each, one act each."""
    now, actor = clock_now(), reader(request)
    booking = seen_booking(actor, public_id)
    if not can_still_change(viewer=actor, booking=booking, now=now):
        messages.error(request, _("This booking can no longer be changed by you."))
        return redirect("booking:booking_detail", public_id)
    if request.method == "POST" and "texts" in request.POST:
        return save_texts(request, booking, now)
    page = EditPage(request, booking, now)
    if request.method != "POST" or "check" in request.POST:
        return page.show()
    return page.move()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Cancel: a page that warns of a late one and asks for the reason, then the act."""
    now, actor = clock_now(), reader(request)
    booking = seen_booking(actor, public_id)
    if not can_still_change(viewer=actor, booking=booking, now=now):
        messages.error(request, _("This booking can no longer be cancelled by you."))
        return redirect("booking:booking_detail", public_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            cancel_booking(actor=actor, booking_id=public_id, now=now, reason=reason)
        except BookingError as error:
            say_error(request, error)
        else:
            messages.success(request, _("Cancelled. The time is free again."))
        return redirect("booking:booking_detail", public_id)
    context = {
        "booking": booking,
        "form": form,
        "is_late": is_late_now(booking=booking, now=now),
    }
    status = 422 if form.errors else 200
    return render(request, "booking/bookings/cancel.html", context, status=status)


@login_required
@require_safe
def booking_ics(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The booking as a calendar file."""
    booking = seen_booking(reader(request), public_id)
    method = "PUBLISH" if booking.status in LIVE else "CANCEL"
    return HttpResponse(
        booking_calendar([booking], method=method),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="booking.ics"'},
    )


def booking_address(booking: Booking) -> str:
    """The address of the booking's page."""
    return reverse("booking:booking_detail", args=[booking.public_id])


def _form_page(
    request: HttpRequest, form: BookingForm, answer: Answer | None, *, status: int = 200
) -> HttpResponse:
    context = page_context(form=form, actor=reader(request), now=clock_now(), answer=answer)
    return render(request, "booking/bookings/new.html", context, status=status)


def _create(form: BookingForm, actor: User, now: datetime) -> list[Booking]:
    """The one service call that the valid form asks for."""
    cleaned = form.cleaned_data
    details = BookingDetails(
        purpose=cleaned["purpose"],
        notes=cleaned["notes"],
        seats=cleaned["seats"],
        attendee_ids=tuple(person.public_id for person in cleaned["attendees"]),
        project_id=cleaned["project"],
    )
    override = cleaned.get("override", "")
    if form.pool is not None:
        booking = create_pool_booking(
            actor=actor,
            user=form.holder,
            pool_id=form.pool.public_id,
            period=form.period,
            now=now,
            details=details,
            override=override,
        )
        return [booking]
    return create_booking(
        actor=actor,
        user=form.holder,
        resource_ids=[resource.public_id for resource in form.resources],
        period=form.period,
        now=now,
        details=details,
        override=override,
    )


def _made_text(bookings: Sequence[Booking]) -> str:
    words = {
        "what": ", ".join(booking.resource.name for booking in bookings),
        "when": say_period(bookings[0].start_time, bookings[0].end_time),
    }
    if any(booking.status == Status.PENDING for booking in bookings):
        return _("Asked for: %(what)s, %(when)s. It waits for approval.") % words
    return _("Booked: %(what)s, %(when)s.") % words
