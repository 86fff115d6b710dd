"""Taking somebody's second factors away who has lost them: one asks, another agrees."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import needs
from accounts.errors import AccountRefused
from accounts.forms.factors import ResetForm
from accounts.permissions.factors import can_agree_factor_reset
from accounts.queries.factors import past_resets, waiting_resets
from accounts.queries.people import meant_person
from accounts.services.factor_resets import (
    agree_factor_reset,
    ask_factor_reset,
    withdraw_factor_reset,
)
from accounts.views._pages import page_of, reader, say_refusal, show_refusal
from accounts.views.step_up import step_up, step_up_to_write
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25


@needs("security.manage")
@step_up_to_write
@require_http_methods(["GET", "HEAD", "POST"])
def reset_list(request: HttpRequest) -> HttpResponse:
    """Resets that wait for a second person, those that are over, and a form to ask for one."""
    initial = {"person": request.GET.get("person", "")[:254]}
    form = ResetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _asked(request, form):
        return redirect("accounts:security_resets")
    actor, now = reader(request), clock_now()
    context = {
        "form": form,
        "waiting": [(reset, can_agree_factor_reset(actor, reset)) for reset in waiting_resets(now)],
        "page": page_of(request, past_resets(now), PAGE_SIZE),
        "now": now,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/factors/resets.html", context, status=status)


@needs("security.manage")
@step_up
@require_POST
def reset_agree(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Agree, as the second person: the factors are taken away at once."""
    return _act(request, public_id, agree_factor_reset, _("The second factors are taken away."))


@needs("security.manage")
@step_up
@require_POST
def reset_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Take the request back."""
    return _act(request, public_id, withdraw_factor_reset, _("The request is taken back."))


def _asked(request: HttpRequest, form: ResetForm) -> bool:
    user = meant_person(form.cleaned_data["person"])
    if user is None:
        form.add_error("person", _("Nobody has this name or address."))
        return False
    try:
        ask_factor_reset(
            actor=reader(request), user=user, reason=form.cleaned_data["reason"], now=clock_now()
        )
    except AccountRefused as refusal:
        show_refusal(form, refusal)
        return False
    messages.success(request, _("Asked. Now somebody else who looks after security must agree."))
    return True


def _act(
    request: HttpRequest, public_id: UUID, act: Callable[..., None], said: str
) -> HttpResponseBase:
    try:
        act(actor=reader(request), reset_id=public_id, now=clock_now())
        messages.success(request, said)
    except AccountRefused as refusal:
        say_refusal(request, refusal)
    return redirect("accounts:security_resets")
