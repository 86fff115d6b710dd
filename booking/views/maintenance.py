"""Planned work on resources."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.errors import BookingError
from booking.forms.maintenance import MaintenanceForm
from booking.models import Booking, MaintenanceRecord
from booking.queries.maintenance import maintenance_ahead, maintenance_past
from booking.services.maintenance import cancel_maintenance, schedule_maintenance
from booking.views._managers import show_block_refusals
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_zone

PAGE_SIZE = 25


@needs("maintenance.manage")
@require_safe
def maintenance_list(request: HttpRequest) -> HttpResponse:
    """Work that is going on or to come, or what is past or was called off."""
    now, viewer = clock_now(), reader(request)
    past = request.GET.get("tab") == "past"
    found = (maintenance_past if past else maintenance_ahead)(viewer=viewer, now=now)
    context = {"page": page_of(request, found, PAGE_SIZE), "past": past, "now": now}
    return render(request, "booking/maintenance/list.html", context)


@needs("maintenance.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def maintenance_new(request: HttpRequest) -> HttpResponse:
    """Take a resource out of use for a time; bookings in the way are shown first."""
    if request.method != "POST":
        initial = {name: request.GET.get(name, "") for name in ("resource", "title")}
        return _show_form(request, MaintenanceForm(actor=reader(request), initial=initial))
    form = MaintenanceForm(request.POST, actor=reader(request))
    if not form.is_valid():
        return _show_form(request, form, status=422)
    try:
        schedule_maintenance(
            actor=reader(request),
            resource_id=form.cleaned_data["resource"].public_id,
            period=form.period,
            title=form.cleaned_data["title"],
            notes=form.cleaned_data["notes"],
            cancel_bookings=form.cleaned_data["cancel_bookings"],
            now=clock_now(),
        )
    except BookingError as error:
        blocked = show_block_refusals(form, error)
        return _show_form(request, form, blocked=blocked, status=error.status)
    messages.success(request, _("The work stands in the calendar."))
    return redirect("booking:maintenance_list")


def _show_form(
    request: HttpRequest,
    form: MaintenanceForm,
    *,
    blocked: list[Booking] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "blocked": blocked or [], "zone": say_zone(clock_now())}
    return render(request, "booking/maintenance/new.html", context, status=status)


@needs("maintenance.manage")
@require_POST
def maintenance_cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Call planned work off; its time is free again."""
    try:
        cancel_maintenance(actor=reader(request), maintenance_id=public_id, now=clock_now())
    except MaintenanceRecord.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:maintenance_list")
    messages.success(request, _("The work is called off. The time is free again."))
    return redirect("booking:maintenance_list")
