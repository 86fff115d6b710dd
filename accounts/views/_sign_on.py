"""What the pages with buttons to other logins share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponseBase

View = Callable[..., HttpResponseBase]


def leads_to_providers(view: View) -> View:
    """Let the forms of this page end at the providers: the strict policy stops them otherwise."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> HttpResponseBase:
        origins = settings.SSO.origins
        inner = csp_update({"form-action": origins})(view) if origins else view
        answer: HttpResponseBase = inner(*args, **kwargs)
        return answer

    return shown
