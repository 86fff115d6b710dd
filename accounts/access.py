"""How pages ask who may: a refusal that knows what is missing, and the decorators that raise it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from accounts.models import User
from accounts.permissions import Where, permissions, places

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Missing(PermissionDenied):
    """403: the person lacks a permission, there; its page says who can grant it."""

    def __init__(self, code: str, where: Where | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.where = where


def needs(*codes: str) -> "Callable[[View[P]], View[P]]":
    """Visitors log in first; whoever has none of the permissions anywhere gets 403.

    What the page is about asks again, there: a decorator does not know it yet.
    """
    unknown = set(codes) - permissions().keys()
    if unknown or not codes:
        raise ValueError(f"a view needs declared permissions, not {sorted(unknown)}")

    def decorate(view: "View[P]") -> "View[P]":
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User) or not any(places(user, code) for code in codes):
                raise Missing(codes[0])
            return view(request, *args, **kwargs)

        return login_required(wraps(view)(checked))

    return decorate


def require(allowed: bool, code: str, where: Where | None = None) -> None:  # noqa: FBT001 - an answer
    """Go on only if allowed; else 403 that names the permission."""
    if not allowed:
        raise Missing(code, where)
