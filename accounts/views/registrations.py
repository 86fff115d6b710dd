"""Asking for an account, confirming the address, and deciding."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import RegistrationStatus
from accounts.errors import AccountRefused
from accounts.forms.groups import WhyForm
from accounts.forms.registrations import RegistrationForm
from accounts.links import registration_of
from accounts.models import Registration
from accounts.queries.registrations import find_registration, registrations_for
from accounts.services.registrations import (
    NewRegistration,
    approve_registration,
    confirm_registration,
    decline_registration,
    is_open,
    register,
)
from accounts.views import _limits
from accounts.views._pages import page_of, reader, say_refusal, show_refusal
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25


@_limits.limited(_limits.registration_rate)
@require_http_methods(["GET", "HEAD", "POST"])
def register_new(request: HttpRequest) -> HttpResponse:
    """Ask for an account; the answer is the same whether or not the address is known."""
    if request.user.is_authenticated:
        return redirect("booking:home")
    if not is_open():
        return render(request, "accounts/registrations/closed.html")
    if request.method != "POST":
        return _form(request, RegistrationForm())
    form = RegistrationForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        register(wish=NewRegistration(**form.cleaned_data), now=clock_now())
    except AccountRefused as error:
        show_refusal(form, error)
        return _form(request, form, status=422)
    return redirect("accounts:register_sent")


@require_safe
def register_sent(request: HttpRequest) -> HttpResponse:
    """Look into your mail."""
    return render(request, "accounts/registrations/sent.html")


@_limits.limited(_limits.ADDRESS_RATE)
@require_http_methods(["GET", "HEAD", "POST"])
def register_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address; a button, because mail programs open links by themselves."""
    registration_id = registration_of(token)
    found = find_registration(registration_id) if registration_id else None
    if found is None:
        return _confirmed(request, None, status=404)
    if request.method == "POST":
        try:
            found = confirm_registration(registration_id=found.public_id, now=clock_now())
        except (AccountRefused, Registration.DoesNotExist):
            return _confirmed(request, None, status=404)
    return _confirmed(request, found)


@login_required
@require_safe
def registration_list(request: HttpRequest) -> HttpResponse:
    """The registrations that wait for the reader."""
    context = {"page": page_of(request, registrations_for(reader(request)), PAGE_SIZE)}
    return render(request, "accounts/registrations/list.html", context)


@login_required
@require_POST
def registration_approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Make the account."""
    try:
        user = approve_registration(
            actor=reader(request), registration_id=public_id, now=clock_now()
        )
    except Registration.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("The account of %(user)s is made.") % {"user": user})
    return redirect("accounts:registration_list")


@login_required
@require_POST
def registration_decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Decline, with a reason."""
    form = WhyForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        decline_registration(
            actor=reader(request), registration_id=public_id, reason=reason, now=clock_now()
        )
    except Registration.DoesNotExist as error:
        raise Http404 from error
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("Declined. They get a mail with your reason."))
    return redirect("accounts:registration_list")


def _form(request: HttpRequest, form: RegistrationForm, *, status: int = 200) -> HttpResponse:
    return render(request, "accounts/registrations/new.html", {"form": form}, status=status)


def _confirmed(
    request: HttpRequest, found: Registration | None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "registration": found,
        "is_new": found is not None and found.status == RegistrationStatus.UNVERIFIED,
        "is_approved": found is not None and found.status == RegistrationStatus.APPROVED,
    }
    return render(request, "accounts/registrations/confirm.html", context, status=status)
