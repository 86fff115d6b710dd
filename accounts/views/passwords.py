"""Changing one's password, and setting a new one by mail."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_ratelimit.decorators import ratelimit

from accounts.forms.passwords import ChangeForm, NewPasswordForm, ResetForm, TypedPasswordForm
from accounts.models import User
from accounts.queries.passwords import STEPS, password_feedback
from accounts.services.passwords import change_password, request_password_reset, reset_password
from accounts.views import _limits
from accounts.views.step_up import step_up_of_factor
from labitory.lib.clock import now


@method_decorator(ratelimit(key="user_or_ip", rate=_limits.login_rate, method="POST"), "dispatch")
@method_decorator(step_up_of_factor, "dispatch")
class PasswordChangeView(views.PasswordChangeView):
    """Change one's own password, showing the old one; other sessions end."""

    template_name = "accounts/passwords/change.html"
    form_class = ChangeForm
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - Django\'s
        """Set it and stay logged in."""
        change_password(
            user=form.user,
            password=form.cleaned_data["new_password1"],
            keep=self.request.session.session_key,
            now=now(),
        )
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, _("Your password is changed."))
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - Django's signature
        """Show what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


@method_decorator(
    [
        ratelimit(key=_limits.address, rate=_limits.ADDRESS_RATE, method="POST"),
        ratelimit(key=_limits.address_and_name, rate=_limits.reset_rate, method="POST"),
    ],
    name="dispatch",
)
class PasswordResetView(views.PasswordResetView):
    """Ask for a link; the answer is the same whether or not there is an account."""

    template_name = "accounts/passwords/reset.html"
    form_class = ResetForm
    success_url = reverse_lazy("accounts:password_reset_done")

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - Django\'s
        """Have the link sent, later."""
        request_password_reset(email=form.cleaned_data["email"], now=now())
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - Django's signature
        """Show what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class PasswordResetDoneView(views.PasswordResetDoneView):
    """Look into your mail."""

    template_name = "accounts/passwords/reset_sent.html"


class PasswordResetConfirmView(views.PasswordResetConfirmView):
    """Set a new password, having come by the link."""

    template_name = "accounts/passwords/reset_confirm.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("accounts:password_reset_complete")

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - Django\'s
        """Set it; the link is used up."""
        reset_password(
            user=form.user,
            password=form.cleaned_data["new_password1"],
            request=self.request,
            now=now(),
        )
        self.request.session.pop(views.INTERNAL_RESET_SESSION_TOKEN, None)
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401 - Django's signature
        """Show what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class PasswordResetCompleteView(views.PasswordResetCompleteView):
    """Done: log in with it."""

    template_name = "accounts/passwords/reset_complete.html"


@sensitive_post_parameters()
@never_cache
@require_POST
@ratelimit(key=_limits.address, rate=_limits.TYPING_RATE)  # type: ignore[untyped-decorator]
def password_check(request: HttpRequest) -> HttpResponse:
    """What there is to say of a password while it is typed. It is neither kept nor logged.

    A visitor who registers sends names and address along: the password must not be like them.
    """
    form = TypedPasswordForm(request.POST)
    if not form.is_valid():
        return HttpResponse(render_to_string("accounts/passwords/_feedback.html"))
    user = request.user if isinstance(request.user, User) else form.newcomer()
    feedback = password_feedback(form.cleaned_data["typed"], user)
    context = {"feedback": feedback, "steps": STEPS}
    return HttpResponse(render_to_string("accounts/passwords/_feedback.html", context))
