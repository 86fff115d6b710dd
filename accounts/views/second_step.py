"""The second step of a login, and the login by a passkey alone."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_ratelimit.decorators import ratelimit

from accounts.errors import AccountRefused
from accounts.forms.factors import LONGEST_ANSWER, AskForm
from accounts.models import User
from accounts.queries.factors import methods_of
from accounts.queries.sessions import PENDING, pending_user
from accounts.services.factors import finish_login, log_in_by_passkey
from accounts.services.passkeys import authentication_options
from accounts.views import _limits
from accounts.views._passkeys import new_challenge, party_of, take_answer
from accounts.views.step_up import PURPOSE as STEP_UP
from accounts.views.step_up import shown_in
from labitory.lib.clock import now as clock_now

AT_LOGIN, ALONE = "second step", "passkey alone"


def _pending(_group: str, request: HttpRequest) -> str:
    """Whose second factor is tried, whatever address it comes from."""
    pending = request.session.get(PENDING)
    return str(pending["user"]) if pending else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE, method="POST")  # type: ignore[untyped-decorator]
@ratelimit(key=_pending, rate=_limits.login_rate, method="POST")  # type: ignore[untyped-decorator]
def factor_ask(request: HttpRequest) -> HttpResponseBase:
    """Show the second factor, having shown the password a few minutes ago."""
    user = pending_user(request.session, clock_now())
    if user is None:
        return redirect("accounts:login")
    if request.method != "POST":
        return _page(request, user, AskForm(has_factor=True, at_login=True), status=200)
    form = AskForm(request.POST, has_factor=True, at_login=True)
    if form.is_valid() and _finished(request, user, form):
        return redirect(_goal(request))
    return _page(request, user, form, status=422)


@require_POST
@ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE)  # type: ignore[untyped-decorator]
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to show a passkey: of who is logged in, on the way in, or anybody."""
    now = clock_now()
    user: User | None
    if isinstance(request.user, User):
        user, purpose = request.user, STEP_UP
    elif (user := pending_user(request.session, now)) is not None:
        purpose = AT_LOGIN
    else:
        purpose = ALONE
    challenge = new_challenge(request, purpose, now)
    text = authentication_options(user=user, party=party_of(request), challenge=challenge)
    return HttpResponse(text, content_type="application/json")


@require_POST
@ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE)  # type: ignore[untyped-decorator]
def passkey_login(request: HttpRequest) -> HttpResponseBase:
    """Log in by a passkey alone, without name and password."""
    now = clock_now()
    text = request.POST.get("passkey", "")[:LONGEST_ANSWER]
    try:
        log_in_by_passkey(request=request, answer=take_answer(request, ALONE, text, now), now=now)
    except AccountRefused as refusal:
        messages.error(request, refusal.text)
        return redirect("accounts:login")
    return redirect(_goal(request))


def _finished(request: HttpRequest, user: User, form: AskForm) -> bool:
    try:
        finish_login(
            request=request,
            user=user,
            shown=shown_in(request, form, AT_LOGIN),
            trust=form.cleaned_data["trust"],
            now=clock_now(),
        )
    except AccountRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
        return False
    return True


def _page(request: HttpRequest, user: User, form: AskForm, *, status: int) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "methods": methods_of(user),
        "next": _goal(request),
        "passkey_field": "passkey",
    }
    return render(request, "accounts/factors/ask.html", context, status=status)


def _goal(request: HttpRequest) -> str:
    """Where the visitor was heading, on this site."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else resolve_url(settings.LOGIN_REDIRECT_URL)
