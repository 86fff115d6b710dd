"""Pages of faults: reporting one, the queue, and one with its history."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking.enums import FaultState, Severity
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.faults import ChangeForm, ReportForm, values_of
from booking.models import Fault, Resource
from booking.permissions import can_manage_maintenance, can_mend_fault
from booking.queries.faults import (
    FaultFilters,
    affected_bookings,
    fault_counts,
    fault_queue,
    faults_of,
    find_fault,
    find_reportable,
    menders,
    notes_of,
)
from booking.services._uploads import LARGEST_IMAGE
from booking.services.faults import (
    FaultChange,
    FaultReport,
    change_fault,
    report_fault,
    tell_affected,
)
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25
AFFECTED_SHOWN = 30


@login_required
@require_safe
def fault_list(request: HttpRequest) -> HttpResponse:
    """The queue: overdue first, then the worst; filters stand in the address."""
    viewer, now = reader(request), clock_now()
    filters = FaultFilters(
        state=request.GET.get("state", ""),
        severity=request.GET.get("severity", ""),
        mine=request.GET.get("mine") == "1",
    )
    context = {
        "page": page_of(request, fault_queue(viewer, filters, now=now), PAGE_SIZE),
        "counts": fault_counts(viewer, now=now),
        "severities": Severity.choices,
        "filters": filters,
        "now": now,
    }
    return render(request, "booking/faults/list.html", context)


@login_required
@require_safe
def resource_faults(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is and was wrong with one resource."""
    now = clock_now()
    resource = _resource(request, public_id)
    context = {
        "resource": resource,
        "page": page_of(request, faults_of(resource), PAGE_SIZE),
        "now": now,
    }
    return render(request, "booking/faults/resource.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def fault_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Report what is wrong."""
    resource = _resource(request, public_id)
    if request.method != "POST":
        return _show_report(request, resource, ReportForm())
    form = ReportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_report(request, resource, form, status=422)
    values = form.cleaned_data
    upload = values["photo"]
    try:
        fault = report_fault(
            actor=reader(request),
            resource_id=public_id,
            report=FaultReport(
                title=values["title"],
                description=values["description"],
                severity=Severity(values["severity"]),
                blocks_use=values["blocks_use"],
                photo=(upload.name, upload.read(LARGEST_IMAGE + 1)) if upload else None,
            ),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show_report(request, resource, form, status=error.status)
    messages.success(request, _("Thank you. Those who look after it have been told."))
    return redirect("booking:fault", fault.public_id)


@login_required
@require_safe
def fault(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One fault with its history; who looks after it changes it here."""
    return _page(request, _found(request, public_id), None)


@login_required
@require_POST
def fault_change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say how far it has come."""
    found = _found(request, public_id)
    people = menders(found.resource, now=clock_now())
    form = ChangeForm(request.POST, people=people)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    values = form.cleaned_data
    try:
        changed = change_fault(
            actor=reader(request),
            fault_id=public_id,
            change=FaultChange(
                state=FaultState(values["state"]),
                severity=Severity(values["severity"]),
                blocks_use=values["blocks_use"],
                back_at=values["back_at"],
                assignee_id=UUID(values["assignee"]) if values["assignee"] else None,
                note=values["note"],
            ),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _page(request, _found(request, public_id), form, status=error.status)
    messages.success(
        request,
        _("Resolved. Those who waited have been told.")
        if changed.state == FaultState.RESOLVED
        else _("Saved."),
    )
    return redirect("booking:fault", public_id)


@login_required
@require_POST
def fault_tell(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Tell everybody whose booking falls into the outage."""
    _found(request, public_id)
    try:
        told = tell_affected(actor=reader(request), fault_id=public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:fault", public_id)
    said = ngettext("%(n)d person has been told.", "%(n)d people have been told.", told)
    messages.success(request, said % {"n": told})
    return redirect("booking:fault", public_id)


def _resource(request: HttpRequest, public_id: UUID) -> Resource:
    found = find_reportable(reader(request), public_id, now=clock_now())
    if found is None:
        raise Http404
    return found


def _found(request: HttpRequest, public_id: UUID) -> Fault:
    found = find_fault(reader(request), public_id, now=clock_now())
    if found is None:
        raise Http404
    return found


def _show_report(
    request: HttpRequest, resource: Resource, form: ReportForm, *, status: int = 200
) -> HttpResponse:
    context = {"resource": resource, "form": form}
    return render(request, "booking/faults/new.html", context, status=status)


def _page(
    request: HttpRequest, found: Fault, form: ChangeForm | None, *, status: int = 200
) -> HttpResponse:
    now = clock_now()
    mends = can_mend_fault(reader(request), found)
    is_open = found.state != FaultState.RESOLVED
    if form is None and mends and is_open:
        form = ChangeForm(initial=values_of(found), people=menders(found.resource, now=now))
    affected = list(affected_bookings(found, now=now)[: AFFECTED_SHOWN + 1]) if mends else []
    context = {
        "fault": found,
        "notes": notes_of(found),
        "form": form if is_open else None,
        "mends": mends,
        # Who reported it is for who mends it; others read what is wrong.
        "sees_names": mends or found.reported_by_id == reader(request).pk,
        "plans_work": is_open and can_manage_maintenance(reader(request), found.resource),
        "affected": affected[:AFFECTED_SHOWN],
        "more": len(affected) > AFFECTED_SHOWN,
        "now": now,
    }
    return render(request, "booking/faults/fault.html", context, status=status)
