"""When the lab and its resources are open: weekly hours, closures, public holidays."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs, require
from booking.errors import BookingError
from booking.forms._shown import shown_ids
from booking.forms.bookings import show_refusals
from booking.forms.calendars import ClosureForm, HoursForm
from booking.models import Booking, Closure, OpeningHours, Resource
from booking.permissions import can_manage_calendar
from booking.queries.closures import (
    holidays_ahead,
    managed_closures_ahead,
    managed_closures_past,
)
from booking.queries.hours import week_of, written_hours
from booking.services.calendars import Interval, add_closure, remove_closure, set_opening_hours
from booking.views._managers import managed_resource, show_block_refusals
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_zone
from labitory.lib.http import lab_zone

PAGE_SIZE = 25


@needs("calendar.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def lab_hours(request: HttpRequest) -> HttpResponse:
    """The lab's weekly hours, which hold wherever a resource has none of its own."""
    require(can_manage_calendar(reader(request), None), "calendar.manage")
    return _hours_page(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def resource_hours(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A resource's own weekly hours; none: the lab's."""
    resource = managed_resource(request, public_id, "calendar.manage")
    return _hours_page(request, resource)


def _hours_page(request: HttpRequest, resource: Resource | None) -> HttpResponse:
    own = written_hours(resource)
    if request.method != "POST":
        return _show_hours(request, resource, own, HoursForm.of_hours(own))
    if "more" in request.POST or "copy" in request.POST:
        return _show_hours(request, resource, own, HoursForm.reshaped(request.POST))
    form = HoursForm.of_post(request.POST)
    intervals: list[Interval] = []
    if "clear" not in request.POST:
        if not form.is_valid():
            return _show_hours(request, resource, own, form, status=422)
        intervals = [Interval(*each) for each in form.intervals]
    try:
        set_opening_hours(
            actor=reader(request),
            resource_id=resource.public_id if resource else None,
            intervals=intervals,
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show_hours(request, resource, own, form, status=error.status)
    messages.success(request, _saved_text(resource, intervals))
    return redirect(request.path)


def _saved_text(resource: Resource | None, intervals: list[Interval]) -> str:
    if intervals:
        return _("The hours are saved.")
    if resource is None:
        return _("The lab has no hours now: instruments without own hours are always open.")
    return _("%(name)s follows the lab's hours now.") % {"name": resource.name}


def _show_hours(
    request: HttpRequest,
    resource: Resource | None,
    own: list[OpeningHours],
    form: HoursForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "resource": resource,
        "form": form,
        "has_own": resource is not None and bool(own),
        "lab_week": week_of(written_hours(None)) if resource else (),
        "zone": resource.zone.key if resource else lab_zone().key,
    }
    return render(request, "booking/hours/edit.html", context, status=status)


@needs("calendar.manage")
@require_safe
def closure_list(request: HttpRequest) -> HttpResponse:
    """Closures ahead or past, and the public holidays of the coming year."""
    now, viewer = clock_now(), reader(request)
    past = request.GET.get("tab") == "past"
    found = (managed_closures_past if past else managed_closures_ahead)(viewer=viewer, now=now)
    context = {
        "page": page_of(request, found, PAGE_SIZE),
        "past": past,
        "now": now,
        "holidays": holidays_ahead(now=now),
        "may_close_lab": can_manage_calendar(viewer, None),
    }
    return render(request, "booking/closures/list.html", context)


@needs("calendar.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def closure_new(request: HttpRequest) -> HttpResponse:
    """Close the lab or a resource for a time; bookings in the way are shown first."""
    if request.method != "POST":
        initial = {name: request.GET.get(name, "") for name in ("resource", "reason")}
        return _show_closure(request, ClosureForm(actor=reader(request), initial=initial))
    form = ClosureForm(request.POST, actor=reader(request))
    if not form.is_valid():
        return _show_closure(request, form, status=422)
    resource: Resource | None = form.cleaned_data["resource"]
    try:
        add_closure(
            actor=reader(request),
            resource_id=resource.public_id if resource else None,
            period=form.period,
            reason=form.cleaned_data["reason"],
            cancel_bookings=form.cleaned_data["cancel_bookings"],
            shown=shown_ids(request.POST),
            now=clock_now(),
        )
    except BookingError as error:
        blocked = show_block_refusals(form, error)
        return _show_closure(request, form, blocked=blocked, status=error.status)
    messages.success(request, _("The closure stands in the calendar."))
    return redirect("booking:closure_list")


def _show_closure(
    request: HttpRequest,
    form: ClosureForm,
    *,
    blocked: list[Booking] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "blocked": blocked or [], "zone": say_zone(clock_now())}
    return render(request, "booking/closures/new.html", context, status=status)


@needs("calendar.manage")
@require_POST
def closure_remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open again: the closure goes, its time is free."""
    try:
        remove_closure(actor=reader(request), closure_id=public_id, now=clock_now())
    except Closure.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:closure_list")
    messages.success(request, _("The closure is removed. The time is free again."))
    return redirect("booking:closure_list")
