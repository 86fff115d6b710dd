"""Pages of risk assessments: one's own, writing, reviewing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking.enums import AssessmentKind, AssessmentState, RiskLevel
from booking.errors import BookingError
from booking.forms.assessments import AssessmentForm, ReviewForm, values_of
from booking.forms.bookings import show_refusals
from booking.models import Resource, RiskAssessment
from booking.permissions import can_review_assessments
from booking.queries.assessments import (
    find_assessment,
    own_assessments,
    reviews,
    submitted_assessments,
)
from booking.queries.resources import find_resource
from booking.services._uploads import LARGEST_FILE
from booking.services.assessments import (
    AssessmentDetails,
    change_assessment,
    review_assessment,
    write_assessment,
)
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 30
WRITABLE = (AssessmentState.DRAFT, AssessmentState.REJECTED)


@login_required
@require_safe
def assessment_list(request: HttpRequest) -> HttpResponse:
    """What waits for my review, and my own risk assessments."""
    viewer = reader(request)
    context = {
        "waiting": submitted_assessments(viewer)[:PAGE_SIZE],
        "page": page_of(request, own_assessments(viewer), PAGE_SIZE),
        "today": clock_now().date(),
    }
    return render(request, "booking/assessments/list.html", context)


@login_required
@require_safe
def assessment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One risk assessment, with its review."""
    return _page(request, _found(request, public_id), ReviewForm())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def assessment_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Write one for one's work on a resource, or for the resource itself."""
    resource = find_resource(public_id)
    if resource is None:
        raise Http404
    of_resource = request.GET.get("of") == "resource" and can_review_assessments(
        reader(request), resource
    )

    def write(details: AssessmentDetails, submit: bool) -> RiskAssessment:  # noqa: FBT001
        return write_assessment(
            actor=reader(request),
            resource_id=public_id,
            details=details,
            of_resource=of_resource,
            submit=submit,
            now=clock_now(),
        )

    return _edit(request, resource, {}, write, of_resource=of_resource)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def assessment_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a draft, or what was sent back."""
    found = _found(request, public_id)
    if found.written_by_id != reader(request).pk or found.state not in WRITABLE:
        raise Http404

    def write(details: AssessmentDetails, submit: bool) -> RiskAssessment:  # noqa: FBT001
        return change_assessment(
            actor=reader(request),
            assessment_id=public_id,
            details=details,
            submit=submit,
            now=clock_now(),
        )

    initial = values_of(found)
    return _edit(request, found.resource, initial, write, of_resource=found.user_id is None)


@login_required
@require_POST
def assessment_review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approve it, or send it back."""
    found = _found(request, public_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    approve = "approve" in request.POST
    try:
        review_assessment(
            actor=reader(request),
            assessment_id=public_id,
            approve=approve,
            now=clock_now(),
            note=form.cleaned_data["note"],
            review_on=form.cleaned_data["review_on"],
        )
    except BookingError as error:
        show_refusals(form, error)
        return _page(request, found, form, status=error.status)
    messages.success(request, _("Approved.") if approve else _("Sent back, with your note."))
    return redirect("booking:assessment", public_id)


def _found(request: HttpRequest, public_id: UUID) -> RiskAssessment:
    found = find_assessment(reader(request), public_id)
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, found: RiskAssessment, form: ReviewForm, *, status: int = 200
) -> HttpResponse:
    viewer = reader(request)
    submitted = found.state == AssessmentState.SUBMITTED
    context = {
        "assessment": found,
        "form": form,
        "reviews": submitted and reviews(viewer, found),
        "edits": found.written_by_id == viewer.pk and found.state in WRITABLE,
        "today": clock_now().date(),
    }
    return render(request, "booking/assessments/assessment.html", context, status=status)


def _edit(
    request: HttpRequest,
    resource: Resource,
    initial: dict[str, Any],
    write: Callable[[AssessmentDetails, bool], RiskAssessment],
    *,
    of_resource: bool,
) -> HttpResponse:
    context = {"resource": resource, "of_resource": of_resource}
    page = "booking/assessments/edit.html"
    if request.method != "POST":
        return render(request, page, {**context, "form": AssessmentForm(initial=initial)})
    form = AssessmentForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, page, {**context, "form": form}, status=422)
    try:
        written = write(_details(form), "submit" in request.POST)
    except RiskAssessment.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        show_refusals(form, error)
        return render(request, page, {**context, "form": form}, status=error.status)
    messages.success(
        request,
        _("Handed in. You are told when it is reviewed.")
        if written.state == AssessmentState.SUBMITTED
        else _("Saved as a draft: hand it in when it is ready."),
    )
    return redirect("booking:assessment", written.public_id)


def _details(form: AssessmentForm) -> AssessmentDetails:
    values = form.cleaned_data
    upload = values["document"]
    return AssessmentDetails(
        title=values["title"],
        kind=AssessmentKind(values["kind"]),
        level=RiskLevel(values["level"]),
        hazards=values["hazards"],
        controls=values["controls"],
        protection=values["protection"],
        document=(upload.name, upload.read(LARGEST_FILE + 1)) if upload else None,
    )
