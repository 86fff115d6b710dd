"""One project: its people, its validity, and the instruments it may be charged for."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms.groups import MemberForm
from accounts.models import Project
from accounts.permissions.groups import can_change_project, can_run_project, can_view_project
from accounts.queries.projects import find_project
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.projects import ProjectResourcesForm
from booking.queries.projects import project_numbers, resources_of_project
from booking.services.projects import choose_project_resources
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now


@login_required
@require_safe
def project_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All about one project, for its people and its group's."""
    viewer, project = reader(request), _seen(request, public_id)
    context = {
        "project": project,
        "runs": can_run_project(viewer, project),
        "edits": can_change_project(viewer, project),
        "resources": resources_of_project(project),
        "numbers": project_numbers(project, now=clock_now()),
        "member_form": MemberForm(),
    }
    return render(request, "booking/projects/detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_resources(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose the instruments that a project may be charged for."""
    project = _seen(request, public_id)
    if not can_run_project(reader(request), project):
        raise PermissionDenied
    if request.method != "POST":
        codes = list(resources_of_project(project).values_list("code", flat=True))
        return _show(request, project, ProjectResourcesForm(initial={"resources": codes}))
    form = ProjectResourcesForm(request.POST)
    if not form.is_valid():
        return _show(request, project, form, status=422)
    try:
        choose_project_resources(
            actor=reader(request),
            project_id=project.public_id,
            resource_ids=[each.public_id for each in form.cleaned_data["resources"]],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, project, form, status=error.status)
    messages.success(request, _("Saved."))
    return redirect("booking:project_detail", project.public_id)


def _seen(request: HttpRequest, public_id: UUID) -> Project:
    """A project that the reader may see; another is as good as none."""
    project = find_project(public_id)
    if project is None or not can_view_project(reader(request), project):
        raise Http404
    return project


def _show(
    request: HttpRequest, project: Project, form: ProjectResourcesForm, *, status: int = 200
) -> HttpResponse:
    context = {"project": project, "form": form}
    return render(request, "booking/projects/resources.html", context, status=status)
