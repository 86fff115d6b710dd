"""What the pages of those who look after security share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from accounts.permissions.factors import can_set_factor_rules
from accounts.views._pages import reader

View = Callable[..., HttpResponseBase]


def security_only(view: View) -> View:
    """Visitors log in first; whoever does not look after security gets 403."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not can_set_factor_rules(reader(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required(checked)
