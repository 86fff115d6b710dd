"""Projects: one of them with its people, and editing it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Missing
from accounts.errors import AccountRefused
from accounts.forms.groups import MemberForm, ProjectForm, project_values
from accounts.models import Project, ResearchGroup
from accounts.permissions.groups import can_change_project, can_manage_group, can_run_project
from accounts.queries.groups import find_group
from accounts.queries.people import meant_person
from accounts.queries.projects import find_project
from accounts.services.projects import (
    ProjectDetails,
    add_project_member,
    change_project,
    close_project,
    create_project,
    remove_project_member,
    reopen_project,
)
from accounts.views._pages import reader, say_refusal, show_refusal
from labitory.lib.clock import now as clock_now


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Add a project to a group."""
    group = find_group(public_id)
    if group is None:
        raise Http404
    if not can_manage_group(reader(request), group):
        raise Missing("group.manage")
    return _edit(request, group, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a project's name, account code, validity or price class."""
    project = _project(public_id)
    if not can_change_project(reader(request), project):
        raise Missing("group.manage")
    return _edit(request, project.group, project)


@login_required
@require_POST
def project_close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close a project, or open it again."""
    project = _project(public_id)
    act: Callable[..., object] = close_project if project.is_active else reopen_project
    done = _("The project is closed.") if project.is_active else _("The project is open again.")
    return _act(request, project, done, act)


@login_required
@require_POST
def project_member_add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let somebody charge work to the project."""
    project = _project(public_id)
    if not can_run_project(reader(request), project):
        raise Missing("group.manage")
    form = MemberForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["user"][0]))
        return redirect("booking:project_detail", project.public_id)
    user = form.cleaned_data["user"]
    done = _("%(user)s is in the project now.") % {"user": user}
    return _act(request, project, done, add_project_member, user=user)


@login_required
@require_POST
def project_member_remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take somebody out of the project."""
    project = _project(public_id)
    user = meant_person(request.POST.get("user", ""), active=False)
    if user is None:
        raise Http404
    done = _("%(user)s is no longer in the project.") % {"user": user}
    return _act(request, project, done, remove_project_member, user=user)


def _project(public_id: UUID) -> Project:
    project = find_project(public_id)
    if project is None:
        raise Http404
    return project


def _act(
    request: HttpRequest, project: Project, done: str, act: Callable[..., object], **told: Any
) -> HttpResponse:
    try:
        act(actor=reader(request), project_id=project.public_id, now=clock_now(), **told)
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, done)
    return redirect("booking:project_detail", project.public_id)


def _edit(request: HttpRequest, group: ResearchGroup, project: Project | None) -> HttpResponse:
    if request.method != "POST":
        start = {"starts_on": clock_now().date()}
        form = ProjectForm(initial=project_values(project) if project else start)
        return _show(request, group, project, form)
    form = ProjectForm(request.POST)
    if not form.is_valid():
        return _show(request, group, project, form, status=422)
    details, actor, now = ProjectDetails(**form.cleaned_data), reader(request), clock_now()
    try:
        if project is None:
            project = create_project(
                actor=actor, group_id=group.public_id, details=details, now=now
            )
        else:
            change_project(actor=actor, project_id=project.public_id, details=details, now=now)
    except AccountRefused as error:
        show_refusal(form, error)
        return _show(request, group, project, form, status=422)
    messages.success(request, _("The project is saved."))
    return redirect("booking:project_detail", project.public_id)


def _show(
    request: HttpRequest,
    group: ResearchGroup,
    project: Project | None,
    form: ProjectForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"group": group, "project": project, "form": form}
    return render(request, "accounts/projects/edit.html", context, status=status)
