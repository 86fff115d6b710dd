"""A person's own second factors."""

from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import AccountRefused
from accounts.forms.factors import AppForm, NameForm, PasskeyForm
from accounts.models import Authenticator
from accounts.proofs import note_proof
from accounts.queries.factors import (
    backup_codes_left,
    devices_of,
    find_device,
    find_unconfirmed_app,
    is_factor_required,
    own_reset,
    setup_address,
    trusted_browsers,
)
from accounts.services.authenticators import begin_authenticator, confirm_authenticator
from accounts.services.factor_resets import withdraw_factor_reset
from accounts.services.factors import (
    forget_browser,
    make_backup_codes,
    remove_device,
    rename_device,
)
from accounts.services.passkeys import add_passkey, registration_options
from accounts.views._pages import reader, say_refusal, show_refusal
from accounts.views._passkeys import new_challenge, party_of, take_answer
from accounts.views.step_up import step_up
from accounts.wall import acting_for
from labitory.lib.clock import now as clock_now

REGISTER = "register"


@login_required
@never_cache
@require_safe
def factor_list(request: HttpRequest) -> HttpResponse:
    """Apps, passkeys, backup codes and trusted browsers."""
    user, now = reader(request), clock_now()
    # One word to the wall for all three.
    with acting_for(user.pk):
        devices = devices_of(user)
        codes_left, browsers = backup_codes_left(user), trusted_browsers(user, now)
    required = is_factor_required(user, now)
    context = {
        "devices": devices,
        "codes_left": codes_left,
        "browsers": browsers,
        "required": required,
        "may_remove": len(devices) > 1 or not required,
        "reset": own_reset(user, now),
    }
    return render(request, "accounts/factors/list.html", context)


@login_required
@step_up
@require_POST
def app_new(request: HttpRequest) -> HttpResponseBase:
    """Begin with an app: its key is made, and the page to set it up opens."""
    try:
        app = begin_authenticator(user=reader(request), now=clock_now())
    except AccountRefused as refusal:
        say_refusal(request, refusal)
        return redirect("accounts:factor_list")
    return redirect("accounts:factor_app_confirm", app.public_id)


@login_required
@step_up
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def app_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Scan the QR code or type the key, then show the first code."""
    app = _unconfirmed(request, public_id)
    form = AppForm(request.POST or None, initial={"name": app.name})
    if request.method == "POST" and form.is_valid():
        try:
            codes = confirm_authenticator(
                user=reader(request),
                app_id=public_id,
                name=form.cleaned_data["name"],
                code=form.cleaned_data["code"],
                keep=request.session.session_key or "",
                now=clock_now(),
            )
        except AccountRefused as refusal:
            show_refusal(form, refusal)
        else:
            return _added(request, "app", codes)
    # In fours: people copy it from one screen to another.
    groups = [app.key[at : at + 4] for at in range(0, len(app.key), 4)]
    code = segno.make(setup_address(app), error="m")
    context = {
        "form": form,
        "key": " ".join(groups),
        "picture": code.svg_data_uri(scale=6, border=3, dark="#000", light="#fff"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/factors/app.html", context, status=status)


@login_required
@step_up
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_new(request: HttpRequest) -> HttpResponse:
    """Let the browser make a passkey, and keep it."""
    form = PasskeyForm(request.POST or None, initial={"name": _("Passkey")})
    if request.method == "POST" and form.is_valid():
        now = clock_now()
        answer = take_answer(request, REGISTER, form.cleaned_data["passkey"], now)
        try:
            codes = add_passkey(
                user=reader(request),
                name=form.cleaned_data["name"],
                answer=answer,
                keep=request.session.session_key or "",
                now=now,
            )
        except AccountRefused as refusal:
            show_refusal(form, refusal)
        else:
            return _added(request, "passkey", codes)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/factors/passkey.html", {"form": form}, status=status)


@login_required
@step_up
@require_POST
def passkey_new_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make a passkey."""
    challenge = new_challenge(request, REGISTER, clock_now())
    text = registration_options(user=reader(request), party=party_of(request), challenge=challenge)
    return HttpResponse(text, content_type="application/json")


@login_required
@step_up
@never_cache
@require_POST
def codes_new(request: HttpRequest) -> HttpResponseBase:
    """Ten new backup codes, shown this once."""
    try:
        codes = make_backup_codes(user=reader(request), now=clock_now())
    except AccountRefused as refusal:
        say_refusal(request, refusal)
        return redirect("accounts:factor_list")
    return render(request, "accounts/factors/codes.html", {"codes": codes})


@login_required
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def device_edit(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Rename an app or a passkey, or remove it."""
    user, now = reader(request), clock_now()
    device = find_device(user, public_id)
    if device is None:
        raise Http404
    form = NameForm(request.POST or None, initial={"name": device.name})
    if request.method == "POST" and form.is_valid():
        rename_device(user=user, device_id=public_id, name=form.cleaned_data["name"], now=now)
        return redirect("accounts:factor_list")
    required = is_factor_required(user, now)
    context = {
        "form": form,
        "device": device,
        "may_remove": not required or len(devices_of(user)) > 1,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/factors/device.html", context, status=status)


@login_required
@step_up
@require_POST
def device_remove(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Remove an app or a passkey."""
    try:
        remove_device(
            user=reader(request),
            device_id=public_id,
            keep=request.session.session_key or "",
            now=clock_now(),
        )
        messages.success(request, _("Removed. Your other sessions were ended."))
    except AccountRefused as refusal:
        say_refusal(request, refusal)
    return redirect("accounts:factor_list")


@login_required
@require_POST
def browser_forget(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Ask a trusted browser for the second factor again; being careful needs no proof."""
    try:
        forget_browser(user=reader(request), device_id=public_id, now=clock_now())
        messages.success(request, _("That browser is asked for the second factor again."))
    except AccountRefused as refusal:
        say_refusal(request, refusal)
    return redirect("accounts:factor_list")


@login_required
@require_POST
def reset_refuse(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Refuse a reset of one's own factors that somebody asked for; this needs no proof either."""
    try:
        withdraw_factor_reset(actor=reader(request), reset_id=public_id, now=clock_now())
        messages.success(request, _("The reset is refused: your second factors stay."))
    except AccountRefused as refusal:
        say_refusal(request, refusal)
    return redirect("accounts:factor_list")


def _unconfirmed(request: HttpRequest, public_id: UUID) -> Authenticator:
    app = find_unconfirmed_app(reader(request), public_id)
    if app is None:
        raise Http404
    return app


def _added(request: HttpRequest, kind: str, codes: list[str]) -> HttpResponse:
    """On to the list; with the first factor the backup codes come first, this once.

    Who has just added it has just shown it.
    """
    note_proof(request.session, kind=kind, now=clock_now())
    messages.success(request, _("Added. From now on you are asked for it when you log in."))
    if codes:
        return render(request, "accounts/factors/codes.html", {"codes": codes, "is_first": True})
    return redirect("accounts:factor_list")
