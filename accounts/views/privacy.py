"""One's own data: what was agreed to, who looked, a copy, and erasure."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import AccountRefused
from accounts.holdings import obstacles_to_erasure
from accounts.queries.privacy import (
    accesses_to,
    consents_of,
    kept_after_erasure,
    open_erasure,
    requests_of,
    retention_days,
)
from accounts.services.privacy import (
    ask_erasure,
    take_copy,
    withdraw_contact_consent,
    withdraw_erasure,
)
from accounts.views._pages import page_of, reader, say_refusal
from accounts.views.step_up import step_up
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 20


@login_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    user, now = reader(request), clock_now()
    context = {
        "consents": consents_of(user),
        "page": page_of(request, accesses_to(user), PAGE_SIZE),
        "asked": requests_of(user)[:PAGE_SIZE],
        "open_erasure": open_erasure(user),
        "obstacles": obstacles_to_erasure(user, now),
        "kept": kept_after_erasure(),
        "retention": retention_days(),
    }
    return render(request, "accounts/privacy/own.html", context)


@login_required
@require_POST
@never_cache
@step_up
def copy(request: HttpRequest) -> HttpResponseBase:
    """Everything that is kept of the reader, as a file; asked who it is first."""
    user = reader(request)
    name = f"personal-data-{user.username}.json"
    return HttpResponse(
        take_copy(user=user, now=clock_now()),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@login_required
@require_POST
@step_up
def erasure_ask(request: HttpRequest) -> HttpResponseBase:
    """Ask for erasure; asked who it is first."""
    try:
        ask_erasure(user=reader(request), now=clock_now())
    except AccountRefused as error:
        say_refusal(request, error)
    else:
        messages.success(request, _("You asked for erasure; you have an answer within 30 days."))
    return redirect("accounts:privacy")


@login_required
@require_POST
def erasure_withdraw(request: HttpRequest) -> HttpResponseBase:
    """Take the request for erasure back."""
    withdraw_erasure(user=reader(request), now=clock_now())
    messages.success(request, _("The request for erasure is taken back."))
    return redirect("accounts:privacy")


@login_required
@require_POST
def contact_withdraw(request: HttpRequest) -> HttpResponseBase:
    """Agree no longer that the lab keeps phone and emergency contact."""
    withdraw_contact_consent(user=reader(request), now=clock_now())
    messages.success(request, _("Your phone number and emergency contact are deleted."))
    return redirect("accounts:privacy")
