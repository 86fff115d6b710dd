"""The ways out for who has to wait at the login: a link by mail, and the page of sysadmins."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from accounts.access import Missing
from accounts.errors import AccountRefused
from accounts.forms.guards import UnlockForm
from accounts.forms.passwords import ResetForm
from accounts.models import User
from accounts.permissions.guards import can_unlock_user
from accounts.queries.guards import locked_accounts, locked_addresses, read_unlock_link
from accounts.services.guards import (
    request_unlock,
    unlock_address,
    unlock_user,
    use_unlock_link,
)
from accounts.views import _limits
from labitory.lib.clock import now


@ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE, method="POST")  # type: ignore[untyped-decorator]
@ratelimit(key=_limits.address_and_name, rate=_limits.reset_rate, method="POST")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponseBase:
    """Ask for a link; the answer is the same whether or not there is an account."""
    if request.method != "POST":
        return _form(request, ResetForm())
    form = ResetForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    request_unlock(email=form.cleaned_data["email"], now=now())
    return redirect("accounts:unlock_sent")


@require_safe
def unlock_sent(request: HttpRequest) -> HttpResponse:
    """Look into your mail."""
    return render(request, "accounts/guards/sent.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unlock_use(request: HttpRequest, token: str) -> HttpResponseBase:
    """Come in by a link. Opening it does nothing yet: programs that check mails open links too."""
    if request.method != "POST":
        link = read_unlock_link(token)
        return render(request, "accounts/guards/use.html", {"link": link})
    try:
        use_unlock_link(request=request, token=token, now=now())
    except AccountRefused:
        return render(request, "accounts/guards/use.html", {"link": None}, status=422)
    messages.success(request, _("You can log in now. This browser is known from now on."))
    return redirect("accounts:login")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def locks(request: HttpRequest) -> HttpResponseBase:
    """Who has to wait at the login, and letting somebody in again by name."""
    actor = _guardian(request)
    if request.method != "POST":
        return _list(request, UnlockForm())
    form = UnlockForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    user = form.user
    unlocked = unlock_user(actor=actor, user=user, now=now(), reason=form.cleaned_data["reason"])
    if unlocked:
        messages.success(request, _("%(name)s can log in at once.") % {"name": user})
    else:
        messages.info(request, _("%(name)s did not have to wait.") % {"name": user})
    return redirect("accounts:locks")


@login_required
@require_POST
def address_unlock(request: HttpRequest) -> HttpResponseBase:
    """Forget the failures from an address."""
    address = request.POST.get("address", "").replace("\x00", "")[:60]
    if unlock_address(actor=_guardian(request), address=address, now=now()):
        messages.success(request, _("The address need not wait any more."))
    else:
        messages.info(request, _("The address did not have to wait."))
    return redirect("accounts:locks")


def _guardian(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not can_unlock_user(request.user):
        raise Missing("security.manage")
    return request.user


def _form(request: HttpRequest, form: Any, *, status: int = 200) -> HttpResponse:  # noqa: ANN401
    return render(request, "accounts/guards/request.html", {"form": form}, status=status)


def _list(request: HttpRequest, form: UnlockForm, *, status: int = 200) -> HttpResponse:
    moment = now()
    context = {
        "form": form,
        "accounts": locked_accounts(moment),
        "addresses": locked_addresses(moment),
    }
    return render(request, "accounts/guards/list.html", context, status=status)
