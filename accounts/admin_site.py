"""The administration behind the doors of everything else.

Not within `accounts.admin`: what registers models there asks for the site while it is made.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, ValidationError
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache

from accounts.access import Missing
from accounts.models import User
from accounts.permissions import may
from accounts.views.sessions import logout
from accounts.views.step_up import ask_again

View = Callable[..., Any]
# How fields, their widgets and the database refuse what they cannot read.
_UNREADABLE = (
    AttributeError,
    DataError,
    OverflowError,
    TypeError,
    ValidationError,
    ValueError,
)


class LabAdminSite(AdminSite):
    """One way in and out for everybody, and a fresh proof for every change."""

    # All kinds of objects beside every page were a third of its weight; the first page lists them.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Who may enter; each part asks on its own what is open in it."""
        return isinstance(request.user, User) and may(request.user, "admin.enter")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:  # noqa: ANN401
        """All kinds of objects, once somebody looks: every page has the list, few show it."""
        return SimpleLazyObject(lambda: super(LabAdminSite, self).get_app_list(request, app_label))

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:  # noqa: ANN401 - Django's
        """The login of the site, with its limits and second factor; 403 for who may not enter."""
        if self.has_permission(request):
            return redirect(reverse("admin:index", current_app=self.name))
        if request.user.is_authenticated:
            raise Missing("admin.enter")
        goal = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return redirect_to_login(goal, reverse("accounts:login"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:  # noqa: ANN401 - Django's
        """The way out of the site."""
        return logout(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:  # noqa: ANN401
        """One's own password is changed in one place."""
        return redirect("accounts:password_change")

    def admin_view(self, view: View, cacheable: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - Django's
        """Whatever changes something asks first who is doing it; leaving does not."""
        inner = super().admin_view(view, cacheable)
        name = getattr(view, "__name__", "")

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asks = request.method == "POST" and name != "logout" and self.has_permission(request)
            asked = ask_again(request) if asks else None
            if asked is not None:
                return asked
            if name == "add_view" and request.method != "POST" and request.GET:
                return _prefilled(inner, request, *args, **kwargs)
            answer: HttpResponseBase = inner(request, *args, **kwargs)
            return answer

        return update_wrapper(checked, inner)


def _prefilled(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """An empty form with values from the address; what is no value there is the sender's mistake.

    Django reads them while the page is written, and takes what it cannot read for its own fault.
    """
    try:
        with transaction.atomic():
            answer: HttpResponseBase = view(request, *args, **kwargs)
            return answer.render() if isinstance(answer, TemplateResponse) else answer
    except _UNREADABLE as error:
        raise BadRequest from error
