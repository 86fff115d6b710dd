"""A person's own profile."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms.users import ProfileForm
from accounts.models import User
from accounts.queries.users import profile_values
from accounts.services.users import ProfileChange, change_profile
from labitory.lib.clock import now


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponseBase:
    """See and change one's own names, contact and preferences."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required; for the type checker
    if request.method != "POST":
        return _page(request, ProfileForm(initial=profile_values(user)), status=200)
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    change = ProfileChange(**form.cleaned_data)
    change_profile(actor=user, user=user, change=change, now=now())
    messages.success(request, _("Your profile is saved."))
    return redirect("accounts:profile")


def _page(request: HttpRequest, form: ProfileForm, *, status: int) -> HttpResponse:
    return render(request, "accounts/users/profile.html", {"form": form}, status=status)
