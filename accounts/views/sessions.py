"""Logging in and out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from django_ratelimit.decorators import ratelimit

from accounts.demo import DEMO_CAST, DEMO_PASSWORD
from accounts.forms.passwords import LoginForm
from accounts.services.sessions import log_in, log_out, record_failed_login
from accounts.views import _limits
from accounts.views._kept import kept_form
from labitory.lib.clock import now


@method_decorator(
    [
        ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE, method="POST"),
        ratelimit(key=_limits.address_and_name, rate=_limits.login_rate, method="POST"),
    ],
    name="dispatch",
)
class LoginView(views.LoginView):
    """Log in by user name or e-mail address; the wrong one of the two is never told."""

    template_name = "accounts/sessions/login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Begin the session and go where the visitor was heading, or to the form that was kept."""
        log_in(request=self.request, user=form.get_user(), now=now())
        if kept := kept_form(self.request.POST.get("kept", "")):
            return render(self.request, "accounts/sessions/kept.html", {"kept": kept})
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Keep the failure and show the form again."""
        record_failed_login(name=form.data.get("username", "")[:254], now=now())
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_success_url(self) -> str:
        """Where the visitor was heading, on this site; never back to this page."""
        url = super().get_success_url()
        return resolve_url(settings.LOGIN_REDIRECT_URL) if url == self.request.path else url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """On a developer's machine, the cast to log in as."""
        context = super().get_context_data(**kwargs)
        context.setdefault("kept", self.request.POST.get("kept", ""))
        if settings.DEMO_LOGINS:
            context["demo_cast"] = [(name, role.label) for name, role in DEMO_CAST]
            context["demo_password"] = DEMO_PASSWORD
        return context


def ask_to_log_in(request: HttpRequest, kept: str) -> HttpResponse:
    """The login page in the place of an answer, with the form that was sent kept in it."""
    view = LoginView()
    view.setup(request)
    context = view.get_context_data(form=LoginForm(request), kept=kept)
    return render(request, LoginView.template_name, {**context, "next": ""})


@require_POST
def logout(request: HttpRequest) -> HttpResponseBase:
    """End the session."""
    log_out(request=request, now=now())
    return redirect("accounts:login")
