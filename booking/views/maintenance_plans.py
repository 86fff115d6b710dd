"""Pages of work that comes back."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.maintenance import PlanForm, values_of
from booking.models import MaintenancePlan
from booking.queries.maintenance import coming_windows, find_plan, missing_windows, plans_of
from booking.services.maintenance_plans import Rhythm, change_plan, end_plan, make_plan
from booking.views._maintenance import details_of
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_zone

PAGE_SIZE = 25
WINDOWS_SHOWN = 12


@needs("maintenance.manage")
@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans: what goes on first."""
    context = {"page": page_of(request, plans_of(reader(request)), PAGE_SIZE)}
    return render(request, "booking/maintenance/plans.html", context)


@needs("maintenance.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    """Plan work that comes back."""
    if request.method != "POST":
        initial = {"resource": request.GET.get("resource", "")}
        return _show(request, PlanForm(actor=reader(request), initial=initial))
    form = PlanForm(request.POST, actor=reader(request))
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        plan = make_plan(
            actor=reader(request),
            resource_id=form.cleaned_data["resource"].public_id,
            rhythm=_rhythm(form),
            details=details_of(form),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, _by_field(error))
        return _show(request, form, status=error.status)
    messages.success(request, _("Planned. Its times of the next half year stand in the calendar."))
    return redirect("booking:maintenance_plan", plan.public_id)


@needs("maintenance.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One plan: its windows to come, those without room, and its form."""
    found = _found(request, public_id)
    if request.method != "POST":
        form = PlanForm(actor=reader(request), plan=found, initial=values_of(found))
        return _show(request, form, found)
    form = PlanForm(request.POST, actor=reader(request), plan=found)
    if not form.is_valid():
        return _show(request, form, found, status=422)
    try:
        change_plan(
            actor=reader(request),
            plan_id=public_id,
            rhythm=_rhythm(form),
            details=details_of(form),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, _by_field(error))
        return _show(request, form, _found(request, public_id), status=error.status)
    messages.success(request, _("Saved. Its times to come follow."))
    return redirect("booking:maintenance_plan", public_id)


@needs("maintenance.manage")
@require_POST
def plan_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a plan; its windows to come are free."""
    _found(request, public_id)
    try:
        end_plan(actor=reader(request), plan_id=public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
        return redirect("booking:maintenance_plan", public_id)
    messages.success(request, _("The plan has ended. Its times to come are free again."))
    return redirect("booking:maintenance_plans")


def _found(request: HttpRequest, public_id: UUID) -> MaintenancePlan:
    found = find_plan(viewer=reader(request), public_id=public_id)
    if found is None:
        raise Http404
    return found


def _rhythm(form: PlanForm) -> Rhythm:
    values = form.cleaned_data
    return Rhythm(rule=values["rule"], first_start=values["start_time"], minutes=values["minutes"])


def _by_field(error: BookingError) -> BookingError:
    """The refusals, at the names that the form has."""
    names = {"first_start": "start_time"}
    return BookingError(
        [replace(each, field=names.get(each.field, each.field)) for each in error.refusals]
    )


def _show(
    request: HttpRequest,
    form: PlanForm,
    found: MaintenancePlan | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    now = clock_now()
    context = {
        "form": form,
        "plan": found,
        "windows": list(coming_windows(found, now=now)[:WINDOWS_SHOWN]) if found else [],
        "missing": missing_windows(found, now=now)[:WINDOWS_SHOWN] if found else [],
        "zone": say_zone(now),
    }
    return render(request, "booking/maintenance/plan.html", context, status=status)
