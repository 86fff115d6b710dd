"""Planned work on resources."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.enums import OfferState
from booking.errors import ActionRefused, BookingError
from booking.forms._shown import shown_ids
from booking.forms.maintenance import MaintenanceForm, WorkEditForm, picked, values_of
from booking.models import Booking, Fault, MaintenanceRecord
from booking.queries.maintenance import (
    displaced_by,
    find_work,
    maintenance_ahead,
    maintenance_past,
)
from booking.queries.maintenance_slots import WorkSlot
from booking.services.maintenance import (
    cancel_maintenance,
    change_maintenance,
    schedule_maintenance,
)
from booking.views._maintenance import alternatives, details_of
from booking.views._managers import show_block_refusals
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_zone

PAGE_SIZE = 25
_LINKED = ("resource", "title", "start_time", "end_time", "fault")


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
    """Take a resource out of use for a time; bookings in the way are shown with three ways out."""
    if request.method != "POST":
        initial = {name: request.GET[name] for name in _LINKED if name in request.GET}
        return _show_form(request, MaintenanceForm(actor=reader(request), initial=initial))
    form = MaintenanceForm(picked(request.POST), actor=reader(request))
    if not form.is_valid():
        return _show_form(request, form, status=422)
    try:
        work = schedule_maintenance(
            actor=reader(request),
            resource_id=form.cleaned_data["resource"].public_id,
            period=form.period,
            details=details_of(form),
            way=form.said_way,
            shown=shown_ids(request.POST),
            fault_id=form.cleaned_data["fault"],
            now=clock_now(),
        )
    except Fault.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        blocked = show_block_refusals(form, error)
        slots = alternatives(form, form.cleaned_data["resource"], clock_now())
        return _show_form(request, form, blocked=blocked, slots=slots, status=error.status)
    _say_planned(request, work)
    return redirect("booking:maintenance_list")


@needs("maintenance.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def maintenance_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the work is about and when, and what became of the bookings that it displaced."""
    work = _found(request, public_id)
    if request.method != "POST":
        form = WorkEditForm(actor=reader(request), initial=values_of(work))
        return _show_form(request, form, work=work)
    form = WorkEditForm(picked(request.POST), actor=reader(request))
    if not form.is_valid():
        return _show_form(request, form, work=work, status=422)
    try:
        changed = change_maintenance(
            actor=reader(request),
            maintenance_id=public_id,
            period=form.period,
            details=details_of(form),
            way=form.said_way,
            shown=shown_ids(request.POST),
            now=clock_now(),
        )
    except MaintenanceRecord.DoesNotExist:
        gone = ActionRefused(code="maintenance.gone", text=_("This work was called off."))
        say_error(request, gone)
        return redirect("booking:maintenance_list")
    except BookingError as error:
        blocked = show_block_refusals(form, error)
        slots = alternatives(form, work.resource, clock_now(), work)
        return _show_form(
            request, form, blocked=blocked, slots=slots, work=work, status=error.status
        )
    _say_planned(request, changed)
    return redirect("booking:maintenance_list")


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


def _found(request: HttpRequest, public_id: UUID) -> MaintenanceRecord:
    work = find_work(viewer=reader(request), public_id=public_id)
    if work is None:
        raise Http404
    return work


def _say_planned(request: HttpRequest, work: MaintenanceRecord) -> None:
    """That it stands, and how many were offered another time."""
    messages.success(request, _("The work stands in the calendar."))
    offered = sum(offer.state == OfferState.OPEN for offer in displaced_by(work))
    if offered:
        said = ngettext(
            "%(n)d booking was offered another time.",
            "%(n)d bookings were offered other times.",
            offered,
        )
        messages.info(request, said % {"n": offered})


def _show_form(
    request: HttpRequest,
    form: MaintenanceForm,
    *,
    blocked: list[Booking] | None = None,
    slots: list[WorkSlot] | None = None,
    work: MaintenanceRecord | None = None,
    status: int = 200,
) -> HttpResponse:
    now = clock_now()
    context = {
        "form": form,
        "blocked": blocked or [],
        "slots": slots or [],
        "zone": say_zone(now),
        "work": work,
        "is_over": work is not None and (work.end_time <= now or work.cancelled_at is not None),
        "displaced": displaced_by(work) if work else [],
    }
    page = "booking/maintenance/edit.html" if work else "booking/maintenance/new.html"
    return render(request, page, context, status=status)
