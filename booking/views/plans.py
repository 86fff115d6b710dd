"""Templates, taking back what was done, and late cancellations."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.plans import TemplateForm
from booking.models import Booking, BookingTemplate, UndoableAct
from booking.queries.late_cancellations import late_cancellations as find_late
from booking.queries.late_cancellations import melting_of
from booking.queries.templates import find_template, templates_of
from booking.services.templates import delete_template, rename_template, save_template
from booking.services.undo import undo_act
from booking.views._pages import page_of, query_with, reader, say_error
from booking.views.bookings import seen_booking
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25
SPANS = (30, 90, 365)
USUAL_SPAN = 90


@login_required
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """My templates, each to be booked from, renamed and deleted."""
    context = {"templates": list(templates_of(reader(request)))}
    return render(request, "booking/plans/templates.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep a booking as a template: its name, then the act."""
    actor = reader(request)
    booking = seen_booking(actor, public_id)
    words = booking.purpose or booking.resource.name
    form = TemplateForm(
        request.POST if request.method == "POST" else None, initial={"name": words[:80]}
    )
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                name = form.cleaned_data["name"]
                save_template(actor=actor, booking_id=public_id, name=name, now=clock_now())
            except Booking.DoesNotExist as error:
                raise Http404 from error
            except BookingError as error:
                show_refusals(form, error)
                status = error.status
            else:
                messages.success(request, _("Saved as a template."))
                return redirect("booking:template_list")
    context = {"form": form, "booking": booking}
    return render(request, "booking/plans/template_form.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def template_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give a template another name."""
    actor = reader(request)
    template = find_template(actor, public_id)
    if template is None:
        raise Http404
    form = TemplateForm(
        request.POST if request.method == "POST" else None, initial={"name": template.name}
    )
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                name = form.cleaned_data["name"]
                rename_template(actor=actor, template_id=public_id, name=name, now=clock_now())
            except BookingError as error:
                show_refusals(form, error)
                status = error.status
            else:
                messages.success(request, _("Renamed."))
                return redirect("booking:template_list")
    context = {"form": form, "template": template}
    return render(request, "booking/plans/template_form.html", context, status=status)


@login_required
@require_POST
def template_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Forget a template."""
    try:
        delete_template(actor=reader(request), template_id=public_id, now=clock_now())
    except BookingTemplate.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("Deleted. What was booked from it stays."))
    return redirect("booking:template_list")


@login_required
@require_POST
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back what one has just done to a booking."""
    actor = reader(request)
    act = UndoableAct.objects.filter(public_id=public_id, actor=actor).select_related("booking")
    found = act.first()
    if found is None:
        raise Http404
    try:
        undo_act(actor=actor, act_id=public_id, now=clock_now())
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, _("Undone. It is as it was before, and nobody was told."))
    return redirect("booking:booking_detail", found.booking.public_id)


@needs("booking.view_all")
@require_safe
def late_cancellations(request: HttpRequest) -> HttpResponse:
    """What was cancelled late, and how much of it others used after all."""
    word = request.GET.get("days", "")
    days = int(word) if word in {str(each) for each in SPANS} else USUAL_SPAN
    since = clock_now() - timedelta(days=days)
    page = page_of(request, find_late(reader(request), since=since), PAGE_SIZE)
    context = {
        "page": page,
        "lines": melting_of(list(page.object_list)),
        "days": days,
        "spans": [(each, query_with(request, days=each, page=None)) for each in SPANS],
    }
    return render(request, "booking/plans/late_cancellations.html", context)
