"""Logging in elsewhere: off to the provider, back from it, and one's links on the account page."""

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.decorators import ratelimit
from onelogin.saml2.errors import OneLogin_Saml2_Error
from social_core.exceptions import AuthCanceled, SocialAuthBaseException

from accounts.errors import AccountRefused
from accounts.forms.sso import DirectoryForm
from accounts.models import User
from accounts.queries.sso import FACTOR_ELSEWHERE, buttons, links_of
from accounts.services.sessions import begin_login
from accounts.services.sso import keep_refusal, link_identity, unlink_identity
from accounts.sso.directory import look_up
from accounts.sso.providers import Saml, provider_for
from accounts.views import _limits
from accounts.views._pages import reader, say_refusal
from accounts.views._sign_on import leads_to_providers
from accounts.views.step_up import step_up
from labitory.lib.clock import now as clock_now
from labitory.settings.components.providers import SAML

logger = structlog.get_logger(__name__)
# What the library raises where an answer, or a setting, is wrong.
FAILURES = (SocialAuthBaseException, OneLogin_Saml2_Error)
# What the session remembers while the person is at the provider.
AWAY = "sso_away"
# The form posts itself from our own page, so that the browser sends our cookies with it.
RETURNED = Saml.BROWSER_RETURN_FIELD
_LATER = {"connection_failed", "timeout", "unavailable", "rate_limited", "http_error", "tls_error"}


class Errand(NamedTuple):
    """Why somebody is away: to log in, or to link (the account's key), and where to go then."""

    provider: str
    link_to: int | None
    goal: str


@never_cache
@require_POST
@ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE)  # type: ignore[untyped-decorator]
def sso_begin(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Off to the provider, to log in."""
    return _leave(request, Errand(provider, None, _goal(request)))


@login_required
@never_cache
@require_POST
@leads_to_providers
@step_up
def sso_link(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Off to the provider, to link the login there to one's account."""
    return _leave(request, Errand(provider, reader(request).pk, reverse("accounts:sso_links")))


# A SAML provider posts its answer from its own site, without our token: the answer is signed, and
# believed only where this session asked for it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE, method=["GET", "POST"])  # type: ignore[untyped-decorator]
def sso_complete(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Back from the provider. Its answer is believed only if this session asked that one for it."""
    provider = _behind(request, provider)
    backend = _provider(request, provider)
    if request.method == "POST" and RETURNED not in request.POST:
        return _come_home(request)
    now, errand = clock_now(), _errand(request, provider)
    person = request.user if isinstance(request.user, User) else None
    if errand is None or (errand.link_to and (person is None or person.pk != errand.link_to)):
        return _refuse(request, provider, "session_context_missing", now)
    link_to = person if errand.link_to else None
    try:
        user = backend.complete(link_to=link_to, now=now)
    except AuthCanceled:
        messages.info(request, _("You did not log in there."))
        return redirect(errand.goal if link_to else "accounts:login")
    except AccountRefused as refusal:
        return _refuse(request, provider, refusal.code, now, text=refusal.text)
    except FAILURES as error:
        return _refuse_failure(request, provider, error, now)
    if link_to is not None:
        messages.success(request, _("Linked: from now on you can log in there as well."))
        return redirect(errand.goal)
    return _enter(request, backend, user, errand, now)


@require_safe
def sso_metadata(request: HttpRequest) -> HttpResponse:
    """What SAML identity providers have to know of us: the same for all."""
    backend = _provider(request, _behind(request, SAML))
    try:
        xml, errors = backend.generate_metadata_xml()
    except OneLogin_Saml2_Error as error:
        xml, errors = "", [str(error)]
    if errors:
        logger.error("sso.metadata_wrong", errors=errors)
        raise Http404
    return HttpResponse(xml, content_type="application/samlmetadata+xml")


@login_required
@never_cache
@require_safe
@leads_to_providers
def sso_links(request: HttpRequest) -> HttpResponse:
    """One's logins elsewhere."""
    return _links_page(request, DirectoryForm(), 200)


@login_required
@never_cache
@require_POST
@leads_to_providers
@ratelimit(key="user", rate=_limits.login_rate)  # type: ignore[untyped-decorator]
@step_up
def sso_link_directory(request: HttpRequest) -> HttpResponseBase:
    """Link one's name in the directory to the account, by showing its password."""
    if settings.SSO.directory is None:
        raise Http404
    form = DirectoryForm(request.POST)
    if form.is_valid():
        try:
            identity = look_up(form.cleaned_data["name"], form.cleaned_data["secret"])
            if identity is None:
                form.add_error(None, _("Name and password do not match there."))
            else:
                link_identity(user=reader(request), identity=identity, now=clock_now())
                messages.success(request, _("Linked: from now on you can log in with it as well."))
                return redirect("accounts:sso_links")
        except AccountRefused as refusal:
            form.add_error(None, refusal.text)
    return _links_page(request, form, 422)


@login_required
@require_POST
@step_up
def sso_unlink(request: HttpRequest, link_id: int) -> HttpResponseBase:
    """Forget one of one's logins elsewhere."""
    try:
        unlink_identity(user=reader(request), link_id=link_id, now=clock_now())
        messages.success(request, _("That login opens your account no more."))
    except AccountRefused as refusal:
        say_refusal(request, refusal)
    return redirect("accounts:sso_links")


def _provider(request: HttpRequest, name: str) -> Any:  # noqa: ANN401 - the library has no types
    try:
        return provider_for(request, name)
    except KeyError as error:
        raise Http404 from error


def _behind(request: HttpRequest, door: str) -> str:
    """Whose answer comes to this door: SAML providers share one, the session knows who was asked.

    Where nobody was, it is the first of them, whose answer is refused.
    """
    known = [each.name for each in settings.SSO.saml]
    if door != SAML:
        if door in known:
            raise Http404
        return door
    asked = (request.session.get(AWAY) or {}).get("provider")
    if asked in known:
        return str(asked)
    return known[0] if known else door


def _leave(request: HttpRequest, errand: Errand) -> HttpResponseBase:
    """To the provider; the session knows what for."""
    backend = _provider(request, errand.provider)
    request.session[AWAY] = errand._asdict()
    try:
        answer: HttpResponseBase = backend.start()
    except FAILURES as error:
        return _refuse_failure(request, errand.provider, error, clock_now())
    return answer


def _errand(request: HttpRequest, provider: str) -> Errand | None:
    """What this session sent somebody there for; asked once."""
    kept = request.session.pop(AWAY, None)
    return Errand(**kept) if kept and kept["provider"] == provider else None


def _come_home(request: HttpRequest) -> HttpResponse:
    """A form from another site comes without our cookies: it is sent again from our own page."""
    kept = [
        (name, request.POST[name])
        for name in ("SAMLResponse", "RelayState")
        if name in request.POST
    ]
    context = {"kept": [*kept, (RETURNED, "1")]}
    return render(request, "accounts/sso/return.html", context)


def _enter(
    request: HttpRequest,
    backend: Any,  # noqa: ANN401 - the library has no types
    user: User,
    errand: Errand,
    now: datetime,
) -> HttpResponseBase:
    """Begin the session, or ask for the second factor unless the provider's counts here."""
    shown = settings.SSO.trusts_factor and backend.found.has_shown_factor
    if begin_login(request=request, user=user, factor_shown=shown, now=now):
        if shown:
            request.session[FACTOR_ELSEWHERE] = True
        return redirect(errand.goal)
    return redirect(f"{reverse('accounts:factor_ask')}?{urlencode({'next': errand.goal})}")


def _refuse_failure(
    request: HttpRequest, provider: str, error: Exception, now: datetime
) -> HttpResponse:
    """The library's no; what exactly is wrong stands in the log."""
    code, step = getattr(error, "code", ""), getattr(error, "stage", "")
    if not isinstance(error, SocialAuthBaseException):
        code = "invalid_setting"
    detail = getattr(error, "detail", "") or str(error)
    logger.warning("sso.refused", provider=provider, code=code, step=step, detail=detail)
    return _refuse(request, provider, code, now, step=step)


def _refuse(
    request: HttpRequest, provider: str, code: str, now: datetime, *, text: str = "", step: str = ""
) -> HttpResponse:
    """Say no on a page, and keep it. Why in detail is told to those who look after security."""
    person = request.user if isinstance(request.user, User) else None
    keep_refusal(provider=provider, code=code, user=person, step=step, now=now)
    if code in _LATER:
        status, words = 502, _("The provider cannot be reached right now. Please try again later.")
    else:
        status, words = 403, _("The answer of the provider was not valid. Please start again.")
    text = text or words
    context = {"text": text, "code": code, "provider": settings.SSO.providers[provider]}
    return render(request, "accounts/sso/refused.html", context, status=status)


def _links_page(request: HttpRequest, form: DirectoryForm, status: int) -> HttpResponse:
    context = {
        "links": links_of(reader(request)),
        "providers": buttons(),
        "directory": settings.SSO.directory,
        "form": form,
    }
    return render(request, "accounts/sso/links.html", context, status=status)


def _goal(request: HttpRequest) -> str:
    """Where the visitor was heading, on this site."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else resolve_url(settings.LOGIN_REDIRECT_URL)
