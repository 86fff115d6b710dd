"""Research groups: my own, one of them, and asking to join."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Missing
from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.forms.groups import GroupForm, MemberForm, WhyForm, group_values
from accounts.models import JoinRequest, ResearchGroup, User
from accounts.permissions.grants import places
from accounts.permissions.groups import (
    can_appoint_manager,
    can_manage_group,
    can_run_group,
    can_view_group_members,
    is_in_group,
)
from accounts.permissions.people import can_invite
from accounts.queries.groups import (
    find_group,
    joinable_groups,
    own_groups,
    own_requests,
    waiting_for,
    waiting_requests,
    with_people,
)
from accounts.queries.people import meant_person
from accounts.queries.projects import own_projects
from accounts.services.groups import (
    GroupDetails,
    add_member,
    change_group,
    close_group,
    create_group,
    leave_group,
    remove_member,
    reopen_group,
    set_manager,
)
from accounts.services.join_requests import (
    accept_request,
    ask_to_join,
    decline_request,
    withdraw_request,
)
from accounts.views._pages import reader, say_refusal, show_refusal
from labitory.lib.clock import now as clock_now


@login_required
@require_safe
def group_mine(request: HttpRequest) -> HttpResponse:
    """My groups and projects, what waits for me, and a search for a group to join."""
    viewer = reader(request)
    word = request.GET.get("q", "")
    context = {
        "groups": with_people(own_groups(viewer)),
        "projects": own_projects(viewer),
        "asked": own_requests(viewer),
        "waiting": waiting_for(viewer),
        "word": word,
        "found": joinable_groups(viewer, word),
        "may_manage": bool(places(viewer, "group.manage")),
    }
    return render(request, "accounts/groups/mine.html", context)


@login_required
@require_safe
def group_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One group: its people and projects for those who belong to it, a way in for others."""
    return _page(request, _group(public_id))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def group_new(request: HttpRequest) -> HttpResponse:
    """Make a group."""
    if not places(reader(request), "group.manage"):
        raise Missing("group.manage")
    return _edit(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def group_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a group's name, leader, unit or price class."""
    group = _group(public_id)
    if not can_manage_group(reader(request), group):
        raise Missing("group.manage")
    return _edit(request, group)


@login_required
@require_POST
def group_close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close a group, or open it again."""
    group = _group(public_id)
    act: Callable[..., object] = close_group if group.is_active else reopen_group
    done = _("The group is closed.") if group.is_active else _("The group is open again.")
    return _act(request, group, done, act)


@login_required
@require_POST
def member_add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take somebody into the group."""
    group = _group(public_id)
    if not can_run_group(reader(request), group):
        raise Missing("group.manage")
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, group, member_form=form, status=422)
    user = form.cleaned_data["user"]
    done = _("%(user)s is in the group now.") % {"user": user}
    return _act(request, group, done, add_member, user=user)


@login_required
@require_POST
def member_remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take somebody out of the group."""
    group, user = _group(public_id), _posted_person(request)
    done = _("%(user)s is no longer in the group.") % {"user": user}
    return _act(request, group, done, remove_member, user=user)


@login_required
@require_POST
def manager_set(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let a member manage the group for its leader, or no longer."""
    group, user = _group(public_id), _posted_person(request)
    is_manager = request.POST.get("manages") == "yes"
    return _act(request, group, _("Saved."), set_manager, user=user, is_manager=is_manager)


@login_required
@require_POST
def group_leave(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Leave a group."""
    group = _group(public_id)
    try:
        leave_group(actor=reader(request), group_id=group.public_id, now=clock_now())
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("You left %(group)s.") % {"group": group})
    return redirect("accounts:group_mine")


@login_required
@require_POST
def group_join(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask to join a group."""
    group = _group(public_id)
    message = request.POST.get("message", "").replace("\x00", "")[:500]
    try:
        ask_to_join(
            actor=reader(request), group_id=group.public_id, message=message, now=clock_now()
        )
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        words = _("You asked to join %(group)s. You get a mail when it is decided.")
        messages.success(request, words % {"group": group})
    return redirect("accounts:group_mine")


@login_required
@require_POST
def request_accept(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the person who asked into the group."""
    return _decide(request, public_id, accept_request, _("Accepted: they are in the group now."))


@login_required
@require_POST
def request_decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Decline a request, with a reason."""
    form = WhyForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _decide(request, public_id, decline_request, _("Declined."), reason=reason)


@login_required
@require_POST
def request_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    return _decide(request, public_id, withdraw_request, _("You took your request back."))


def _group(public_id: UUID) -> ResearchGroup:
    group = find_group(public_id)
    if group is None:
        raise Http404
    return group


def _posted_person(request: HttpRequest) -> User:
    user = meant_person(request.POST.get("user", ""), active=False)
    if user is None:
        raise Http404
    return user


def _act(
    request: HttpRequest, group: ResearchGroup, done: str, act: Callable[..., object], **told: Any
) -> HttpResponse:
    try:
        act(actor=reader(request), group_id=group.public_id, now=clock_now(), **told)
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, done)
    return redirect("accounts:group_detail", group.public_id)


def _decide(
    request: HttpRequest, public_id: UUID, act: Callable[..., object], done: str, **told: str
) -> HttpResponse:
    try:
        act(actor=reader(request), request_id=public_id, now=clock_now(), **told)
    except JoinRequest.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, done)
    return redirect("accounts:group_mine")


def _page(
    request: HttpRequest,
    group: ResearchGroup,
    *,
    member_form: MemberForm | None = None,
    status: int = 200,
) -> HttpResponse:
    viewer = reader(request)
    runs, sees = can_run_group(viewer, group), can_view_group_members(viewer, group)
    context = {
        "group": group,
        "runs": runs,
        "sees": sees,
        "edits": can_manage_group(viewer, group),
        "appoints": can_appoint_manager(viewer, group),
        "invites": group.is_active and can_invite(viewer, Role.STUDENT, group),
        "is_inside": is_in_group(viewer, group),
        "projects": group.projects.order_by("-is_active", "name") if sees else [],
        "waiting": waiting_requests([group]) if runs else [],
        "asked": own_requests(viewer).filter(group=group).first() if not sees else None,
        "member_form": member_form or MemberForm(),
    }
    return render(request, "accounts/groups/detail.html", context, status=status)


def _edit(request: HttpRequest, group: ResearchGroup | None) -> HttpResponse:
    if request.method != "POST":
        return _show(request, group, GroupForm(initial=group_values(group) if group else {}))
    form = GroupForm(request.POST)
    if not form.is_valid():
        return _show(request, group, form, status=422)
    details, actor, now = GroupDetails(**form.cleaned_data), reader(request), clock_now()
    try:
        if group is None:
            group = create_group(actor=actor, details=details, now=now)
        else:
            change_group(actor=actor, group_id=group.public_id, details=details, now=now)
    except AccountRefused as error:
        show_refusal(form, error)
        return _show(request, group, form, status=422)
    messages.success(request, _("The group is saved."))
    return redirect("accounts:group_detail", group.public_id)


def _show(
    request: HttpRequest, group: ResearchGroup | None, form: GroupForm, *, status: int = 200
) -> HttpResponse:
    context = {"group": group, "form": form}
    return render(request, "accounts/groups/edit.html", context, status=status)
