"""Roles: who holds which, granting and taking away, composing one's own; and what one may."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.forms.roles import GrantForm, RoleForm, role_values
from accounts.models import RoleDefinition, RoleGrant
from accounts.permissions import can_define_roles, permissions
from accounts.permissions.matrix import matrix
from accounts.queries.roles import (
    explain,
    find_role,
    grant_lines,
    held_permissions,
    own_grants,
    roles_with_holders,
    visible_grants,
)
from accounts.services.roles import (
    NewGrant,
    RoleDetails,
    change_role,
    define_role,
    delete_role,
    grant_role,
    revoke_role,
)
from accounts.views._pages import page_of, reader, say_refusal, show_refusal
from accounts.views.step_up import step_up, step_up_to_write
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 50


@needs("role.grant", "role.define")
@require_safe
def role_list(request: HttpRequest) -> HttpResponse:
    """The roles, who holds them where and until when, and the form to grant one."""
    initial = {name: request.GET.get(name, "")[:254] for name in ("user", "role", "place")}
    return _list(request, GrantForm(actor=reader(request), initial=initial))


@needs("role.grant")
@step_up
@require_POST
def grant_new(request: HttpRequest) -> HttpResponseBase:
    """Grant a role, or renew it."""
    actor = reader(request)
    form = GrantForm(request.POST, actor=actor)
    if not form.is_valid():
        return _list(request, form, status=422)
    kind, key = form.scope
    new = NewGrant(
        user_id=form.cleaned_data["user"].public_id,
        role_id=form.cleaned_data["role"],
        kind=kind,
        key=key,
        expires_at=form.cleaned_data["expires_at"],
        reason=form.cleaned_data["reason"],
    )
    try:
        grant = grant_role(actor=actor, new=new, now=clock_now())
    except AccountRefused as error:
        show_refusal(form, error)
        return _list(request, form, status=422)
    text = _("%(user)s holds the role %(role)s now.")
    messages.success(request, text % {"user": grant.user, "role": grant.role})
    return redirect("roles:role_list")


@login_required
@require_POST
@step_up
def grant_revoke(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Take a granted role away, or give up one's own."""
    try:
        revoke_role(
            actor=reader(request),
            grant_id=public_id,
            reason=request.POST.get("reason", "").replace("\x00", ""),
            now=clock_now(),
        )
    except RoleGrant.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("The role is taken away. It counts no longer."))
    own = request.POST.get("back") == "own"
    return redirect("accounts:may" if own else "roles:role_list")


@needs("role.define")
@step_up_to_write
@require_http_methods(["GET", "HEAD", "POST"])
def role_new(request: HttpRequest) -> HttpResponseBase:
    """Compose a role."""
    return _edit(request, None)


@needs("role.define")
@step_up_to_write
@require_http_methods(["GET", "HEAD", "POST"])
def role_edit(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Change what a role brings, for everybody who holds it; those of the product are shown."""
    role = find_role(public_id)
    if role is None:
        raise Http404
    return _edit(request, role)


@needs("role.define")
@step_up
@require_POST
def role_delete(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Delete a role that nobody holds."""
    try:
        delete_role(actor=reader(request), role_id=public_id, now=clock_now())
    except RoleDefinition.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
        return redirect("roles:role_edit", public_id)
    messages.success(request, _("The role is deleted."))
    return redirect("roles:role_list")


@login_required
@require_safe
def permission_matrix(request: HttpRequest) -> HttpResponse:
    """What each standing role and each role of the product may."""
    context = {"matrix": matrix(), "roles": list(Role)}
    return render(request, "accounts/roles/matrix.html", context)


@login_required
@require_safe
def may(request: HttpRequest) -> HttpResponse:
    """What I may, by which roles, and about one permission: why not, and who could grant it."""
    viewer, now = reader(request), clock_now()
    code = request.GET.get("code", "")
    asked = code if code in permissions() else ""
    context = {
        "grants": own_grants(viewer, now=now),
        "held": held_permissions(viewer),
        "asked": explain(user=viewer, code=asked, where=None, now=now) if asked else None,
    }
    return render(request, "accounts/roles/may.html", context)


def _list(request: HttpRequest, form: GrantForm, *, status: int = 200) -> HttpResponse:
    viewer, now = reader(request), clock_now()
    role = _asked_role(request)
    word = request.GET.get("q", "")[:100]
    page = page_of(request, visible_grants(viewer, role=role, word=word), PAGE_SIZE)
    context: dict[str, Any] = {
        "form": form,
        "now": now,
        "definitions": roles_with_holders(now=now),
        "page": page,
        "lines": grant_lines(viewer, list(page.object_list)),
        "chosen": role,
        "word": word,
        "can_define": can_define_roles(viewer),
        "here": reverse("roles:role_list"),
    }
    return render(request, "accounts/roles/list.html", context, status=status)


def _asked_role(request: HttpRequest) -> RoleDefinition | None:
    try:
        return find_role(UUID(request.GET.get("of", "")))
    except ValueError:
        return None


def _edit(request: HttpRequest, role: RoleDefinition | None) -> HttpResponse:
    actor = reader(request)
    if request.method != "POST":
        form = RoleForm(actor=actor, initial=role_values(role) if role else None)
        return _show(request, role, form)
    form = RoleForm(request.POST, actor=actor)
    if not form.is_valid():
        return _show(request, role, form, status=422)
    details = RoleDetails(
        name=form.cleaned_data["name"],
        description=form.cleaned_data["description"],
        permissions=frozenset(form.cleaned_data["permissions"]),
    )
    try:
        if role is None:
            define_role(actor=actor, details=details, now=clock_now())
        else:
            change_role(actor=actor, role_id=role.public_id, details=details, now=clock_now())
    except AccountRefused as error:
        show_refusal(form, error)
        return _show(request, role, form, status=422)
    messages.success(request, _("The role is saved."))
    return redirect("roles:role_list")


def _show(
    request: HttpRequest, role: RoleDefinition | None, form: RoleForm, *, status: int = 200
) -> HttpResponse:
    context = {"role": role, "form": form}
    return render(request, "accounts/roles/edit.html", context, status=status)
