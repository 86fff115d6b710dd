"""Inviting people, and accepting an invitation."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import AccountRefused
from accounts.forms.registrations import InvitationForm, NewcomerForm
from accounts.links import invitation_of
from accounts.models import Invitation
from accounts.queries.registrations import invitations_for, open_invitation
from accounts.services.invitations import (
    Newcomer,
    accept_invitation,
    create_invitation,
    withdraw_invitation,
)
from accounts.views import _limits
from accounts.views._pages import page_of, reader, say_refusal, show_refusal
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_list(request: HttpRequest) -> HttpResponse:
    """Invite somebody, and see who was invited."""
    actor = reader(request)
    form = InvitationForm(request.POST if request.method == "POST" else None, actor=actor)
    if not form.may_invite:
        raise PermissionDenied
    if request.method != "POST":
        return _list(request, form)
    if not form.is_valid():
        return _list(request, form, status=422)
    try:
        create_invitation(actor=actor, now=clock_now(), **form.cleaned_data)
    except AccountRefused as error:
        show_refusal(form, error)
        return _list(request, form, status=422)
    messages.success(request, _("The invitation is on its way."))
    return redirect("accounts:invitation_list")


@login_required
@require_POST
def invitation_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    try:
        withdraw_invitation(actor=reader(request), invitation_id=public_id, now=clock_now())
    except Invitation.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("The invitation is taken back."))
    return redirect("accounts:invitation_list")


@_limits.limited(_limits.registration_rate)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Make the account that one was invited to."""
    invitation_id = invitation_of(token)
    found = open_invitation(invitation_id, now=clock_now()) if invitation_id else None
    if found is None:
        return render(request, "accounts/invitations/void.html", status=404)
    if request.method != "POST":
        return _accept(request, found, NewcomerForm())
    form = NewcomerForm(request.POST)
    if not form.is_valid():
        return _accept(request, found, form, status=422)
    try:
        accept_invitation(
            invitation_id=found.public_id,
            newcomer=Newcomer(**form.cleaned_data),
            now=clock_now(),
        )
    except AccountRefused as error:
        if error.code == "invitation.void":
            return render(request, "accounts/invitations/void.html", status=404)
        show_refusal(form, error)
        return _accept(request, found, form, status=422)
    messages.success(request, _("Your account is made. Log in with it."))
    return redirect("accounts:login")


def _list(request: HttpRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "page": page_of(request, invitations_for(reader(request)), PAGE_SIZE),
        "now": clock_now(),
    }
    return render(request, "accounts/invitations/list.html", context, status=status)


def _accept(
    request: HttpRequest, invitation: Invitation, form: NewcomerForm, *, status: int = 200
) -> HttpResponse:
    context = {"invitation": invitation, "form": form}
    return render(request, "accounts/invitations/accept.html", context, status=status)
