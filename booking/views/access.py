"""Pages of the path to a resource: asking, how far it has come, the queue of those who decide."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions.people import works_under_supervision
from booking.enums import AccessLevel, RequestState, StepKind
from booking.errors import BookingError
from booking.forms.access import (
    AskForm,
    RequirementForm,
    RequirementForms,
    StepForm,
    rows_of,
)
from booking.forms.bookings import show_refusals
from booking.models import AccessRequest, AccessStep, Resource, Supervision
from booking.queries.access import (
    RENEWABLE,
    find_visible_request,
    latest_request,
    own_access,
    own_requests,
    path_of,
    requirements_of,
    steps_ahead,
    waiting_requests,
)
from booking.queries.resources import find_resource
from booking.services._uploads import LARGEST_FILE
from booking.services.access_requests import (
    AccessWish,
    Evidence,
    ask_for_access,
    confirm_step,
    may_reject,
    reject_access,
    withdraw_access_request,
)
from booking.services.access_requirements import Requirement, set_requirements
from booking.views._managers import managed_resource
from booking.views._pages import page_of, reader, say_error
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 30


@login_required
@require_safe
def access_mine(request: HttpRequest) -> HttpResponse:
    """What I have been let in to, and what I have asked for."""
    viewer, now = reader(request), clock_now()
    context = {
        "held": own_access(viewer),
        "page": page_of(request, own_requests(viewer), PAGE_SIZE),
        "now": now,
        "renewable_until": now + RENEWABLE,
    }
    return render(request, "booking/access/mine.html", context)


@login_required
@require_safe
def access_queue(request: HttpRequest) -> HttpResponse:
    """The requests that wait for this reader."""
    viewer = reader(request)
    page = page_of(request, waiting_requests(viewer), PAGE_SIZE)
    return render(request, "booking/access/queue.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def access_ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for access to a resource; who has a request that waits is shown it."""
    viewer = reader(request)
    resource = find_resource(public_id)
    if resource is None:
        raise Http404
    last = latest_request(viewer, resource)
    if last is not None and last.state == RequestState.WAITING:
        return redirect("booking:access_request", last.public_id)
    if request.method != "POST":
        return _ask_page(request, resource, AskForm(initial=_initial(request, last)), last)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _ask_page(request, resource, form, last, status=422)
    supervisor = form.cleaned_data["supervisor"]
    wish = AccessWish(
        level=AccessLevel(form.cleaned_data["level"]),
        justification=form.cleaned_data["justification"],
        wanted_until=form.cleaned_data["wanted_until"],
        supervisor_id=supervisor.public_id if supervisor else None,
    )
    try:
        made = ask_for_access(actor=viewer, resource_id=public_id, wish=wish, now=clock_now())
    except BookingError as error:
        show_refusals(form, error)
        return _ask_page(request, resource, form, last, status=error.status)
    messages.success(request, _("Asked. This page shows how far it has come."))
    return redirect("booking:access_request", made.public_id)


def _initial(request: HttpRequest, last: AccessRequest | None) -> dict[str, Any]:
    """What was asked last time, and who is known to supervise."""
    viewer = reader(request)
    known = Supervision.objects.filter(user=viewer).select_related("supervisor").first()
    found: dict[str, Any] = {"supervisor": known.supervisor.username if known else ""}
    if last is not None and last.state == RequestState.REJECTED:
        found |= {"level": last.level, "justification": last.justification}
    return found


def _ask_page(
    request: HttpRequest,
    resource: Resource,
    form: AskForm,
    last: AccessRequest | None,
    *,
    status: int = 200,
) -> HttpResponse:
    supervised = works_under_supervision(reader(request))
    context = {
        "resource": resource,
        "form": form,
        "last": last,
        "steps": steps_ahead(
            resource, level=AccessLevel.BOOK, supervised=supervised, has_supervisor=supervised
        ),
        "needs_supervisor": supervised,
    }
    return render(request, "booking/access/ask.html", context, status=status)


@login_required
@require_safe
def access_request(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One request: its steps, what comes next, and what this reader can do."""
    return _page(request, public_id, StepForm())


def _page(
    request: HttpRequest, public_id: UUID, form: StepForm, *, status: int = 200
) -> HttpResponse:
    viewer = reader(request)
    found = find_visible_request(viewer, public_id)
    if found is None:
        raise Http404
    waits = found.state == RequestState.WAITING
    context = {
        "asked": found,
        "path": path_of(found, viewer=viewer, now=clock_now()),
        "form": form,
        "waits": waits,
        "is_own": found.user_id == viewer.pk,
        "may_reject": waits and may_reject(viewer, found),
        "kinds": StepKind,
    }
    return render(request, "booking/access/request.html", context, status=status)


@login_required
@require_POST
def access_confirm(request: HttpRequest, step_id: UUID) -> HttpResponse:
    """Confirm a step, with a note and a file if there are any."""
    viewer = reader(request)
    step = AccessStep.objects.select_related("request").filter(public_id=step_id).first()
    if step is None or find_visible_request(viewer, step.request.public_id) is None:
        raise Http404
    asked = step.request.public_id
    form = StepForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, asked, form, status=422)
    upload = form.cleaned_data["evidence"]
    try:
        done = confirm_step(
            actor=viewer,
            step_id=step_id,
            now=clock_now(),
            note=form.cleaned_data["note"],
            # One byte more than allowed is enough for the service to refuse it.
            evidence=Evidence(name=upload.name, content=upload.read(LARGEST_FILE + 1))
            if upload
            else None,
        )
    except BookingError as error:
        if any(each.field in form.fields for each in error.refusals):
            show_refusals(form, error)
            return _page(request, asked, form, status=error.status)
        say_error(request, error)
        return redirect("booking:access_request", asked)
    granted = done.state == RequestState.GRANTED
    messages.success(
        request,
        _("%(name)s has access now.") % {"name": done.user} if granted else _("Confirmed."),
    )
    return redirect("booking:access_request", asked)


@login_required
@require_POST
def access_reject(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say no, with a reason."""
    reason = request.POST.get("reason", "").replace("\x00", "")[:500]
    return _act(request, public_id, _("Rejected, with your reason."), reject_access, reason=reason)


@login_required
@require_POST
def access_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    return _act(request, public_id, _("Taken back."), withdraw_access_request)


def _act(
    request: HttpRequest,
    public_id: UUID,
    done: str,
    act: Callable[..., object],
    **more: Any,
) -> HttpResponse:
    viewer = reader(request)
    if find_visible_request(viewer, public_id) is None:
        raise Http404
    try:
        act(actor=viewer, request_id=public_id, now=clock_now(), **more)
    except AccessRequest.DoesNotExist as error:
        raise Http404 from error
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, done)
    return redirect("booking:access_request", public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def access_steps(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What newcomers take before they are let in."""
    actor = reader(request)
    resource = managed_resource(request, public_id, "resource.grant_access")
    if request.method != "POST":
        forms = RequirementForms(initial=rows_of(list(requirements_of(resource))))
        return _steps_page(request, resource, forms)
    forms = RequirementForms(request.POST)
    if not forms.is_valid():
        return _steps_page(request, resource, forms, status=422)
    steps = [
        Requirement(
            kind=StepKind(row["kind"]),
            course_id=row["course"].public_id if row["course"] else None,
            note=row["note"],
        )
        for row in forms.cleaned_data
        if row.get("kind")
    ]
    try:
        set_requirements(actor=actor, resource_id=public_id, steps=steps, now=clock_now())
    except BookingError as error:
        say_error(request, error)
        return _steps_page(request, resource, forms, status=error.status)
    messages.success(request, _("Saved. Requests that wait keep their steps."))
    return redirect("booking:access_steps", public_id)


def _steps_page(
    request: HttpRequest,
    resource: Resource,
    forms: "BaseFormSet[RequirementForm]",
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"resource": resource, "forms": forms}
    return render(request, "booking/access/steps.html", context, status=status)
