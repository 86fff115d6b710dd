"""Logging in and out."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from accounts.demo import DEMO_CAST, DEMO_PASSWORD
from accounts.errors import AccountRefused, LoginLocked
from accounts.forms.passwords import LoginForm
from accounts.models import User
from accounts.queries.sessions import (
    KEPT_FORM,
    browsers_of,
    kept_form,
    sessions_of,
    time_left,
)
from accounts.services.logins import check_login
from accounts.services.sessions import (
    begin_login,
    end_other_sessions,
    end_session,
    forget_device,
    log_out,
    note_use,
)
from accounts.session_store import about
from accounts.views import _limits
from labitory.lib.clock import now
from labitory.lib.text import say_minutes

_WRONG = gettext_lazy(
    "Please enter a correct user name or e-mail address and password. "
    "Note that the password is case-sensitive."
)


@method_decorator(
    [
        ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE, method="POST"),
        ratelimit(key=_limits.login_try, rate=_limits.login_rate, method="POST"),
    ],
    name="dispatch",
)
class LoginView(views.LoginView):
    """Log in by user name or e-mail address; the wrong one of the two is never told."""

    template_name = "accounts/sessions/login.html"
    form_class = LoginForm  # type: ignore[assignment]
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - Django's signature
        """Let in who shows the right password, or ask for what else the person has."""
        moment, given = now(), form.cleaned_data
        try:
            user = check_login(
                request=self.request,
                name=given["username"],
                password=given["password"],
                now=moment,
            )
        except LoginLocked as refusal:
            return self._refuse_for_now(form, refusal)
        if user is None:
            form.add_error(None, _WRONG)
            return self.form_invalid(form)
        if begin_login(request=self.request, user=user, now=moment):
            return HttpResponseRedirect(self.get_success_url())
        query = urlencode({"next": self.get_success_url()})
        return redirect(f"{reverse('accounts:factor_ask')}?{query}")

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - Django's signature
        """Show the form again."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _refuse_for_now(self, form: Any, refusal: LoginLocked) -> HttpResponse:  # noqa: ANN401
        """Say how long to wait, and the way out, whether or not there is such an account."""
        form.add_error(None, refusal.text)
        context = self.get_context_data(form=form, is_locked=True)
        response = self.render_to_response(context, status=429)
        response.headers["Retry-After"] = str(round(refusal.wait.total_seconds()))
        return response

    def get_success_url(self) -> str:
        """Where the visitor was heading, on this site; never back to this page."""
        url = super().get_success_url()
        return resolve_url(settings.LOGIN_REDIRECT_URL) if url == self.request.path else url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """On a developer's machine, the cast to log in as."""
        context = super().get_context_data(**kwargs)
        if settings.DEMO_LOGINS:
            context["demo_cast"] = [(name, role.label) for name, role in DEMO_CAST]
            context["demo_password"] = DEMO_PASSWORD
        return context


@require_POST
def logout(request: HttpRequest) -> HttpResponseBase:
    """End the session; the browser forgets the pages it kept and what scripts stored."""
    log_out(request=request, now=now())
    response = redirect("accounts:login")
    # Cookies stay: the session's is gone with it, and the browser is to be known at the next login.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is logged in, and the browsers that are known."""
    user, moment = _person(request), now()
    context = {
        "sessions": sessions_of(user, request, moment),
        "browsers": browsers_of(user, request, moment),
        "idle": say_minutes(settings.SESSION_IDLE_MINUTES),
        "longest": say_minutes(settings.SESSION_MAX_HOURS * 60),
    }
    return render(request, "accounts/sessions/list.html", context)


@login_required
@require_POST
def session_end(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """End one of one's own sessions; this one as well."""
    this = about(request.session)
    try:
        end_session(user=_person(request), public_id=public_id, now=now())
    except AccountRefused as refusal:
        messages.warning(request, refusal.text)
        return redirect("accounts:sessions")
    if this is not None and this.public_id == public_id:
        request.session.flush()
        return redirect("accounts:login")
    messages.success(request, _("The session is ended."))
    return redirect("accounts:sessions")


@login_required
@require_POST
def session_end_others(request: HttpRequest) -> HttpResponseBase:
    """End all of one's own sessions but this one."""
    user = _person(request)
    ended = end_other_sessions(user=user, keep=request.session.session_key, now=now())
    text = ngettext("%(n)d session is ended.", "%(n)d sessions are ended.", ended)
    messages.success(request, text % {"n": ended})
    return redirect("accounts:sessions")


@login_required
@require_POST
def device_forget(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Know one of one's browsers no more."""
    try:
        forget_device(user=_person(request), public_id=public_id, now=now())
    except AccountRefused as refusal:
        messages.warning(request, refusal.text)
    else:
        messages.success(request, _("The browser is not known any more."))
    return redirect("accounts:sessions")


@never_cache
@require_safe
def session_left(request: HttpRequest) -> JsonResponse:
    """How many seconds this session still lasts; asking is no use of it."""
    return _seconds_left(request)


@login_required
@require_POST
def session_stay(request: HttpRequest) -> HttpResponseBase:
    """Stay logged in: this counts as use."""
    note_use(request=request, now=now())
    if request.headers.get("Accept", "").startswith("application/json"):
        return _seconds_left(request)
    return redirect("accounts:sessions")


@login_required
@never_cache
@require_safe
def resume(request: HttpRequest) -> HttpResponseBase:
    """What was sent when the session had ended, to be sent again by its person alone."""
    form = kept_form(request.session, _person(request), now())
    # Shown once: from here on it lies in the page.
    request.session.pop(KEPT_FORM, None)
    if form is None:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/sessions/resume.html", {"kept": form})


def _seconds_left(request: HttpRequest) -> JsonResponse:
    known = about(request.session) if request.user.is_authenticated else None
    left = 0 if known is None else int(time_left(known, now()).total_seconds())
    return JsonResponse({"seconds": left})


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required; for the type checker
    return request.user
