"""Small manners that the account pages share."""

from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.access import Missing
from accounts.errors import AccountRefused
from accounts.models import User

# Which permission would have opened what a service refuses; what is not here asks for none alone.
_NEEDED = {
    "group": "group.manage",
    "join_request": "group.manage",
    "merge": "user.manage",
    "privacy": "privacy.manage",
    "project": "group.manage",
    "registration": "user.approve",
    "unit": "unit.manage",
}
M = TypeVar("M", bound=Model)


def reader(request: HttpRequest) -> User:
    """The person who is logged in; for views that require one."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("this page is for people who are logged in")
    return user


def page_of(request: HttpRequest, found: "QuerySet[M, Any]", size: int) -> "Page[M]":
    """The page that the address asks for; the nearest one when there is none such."""
    return Paginator(found, size).get_page(request.GET.get("page"))


def is_forbidden(error: AccountRefused) -> bool:
    """Whether it is a no to the person rather than to what they wrote."""
    return error.code.startswith("permission.")


def show_refusal(form: forms.Form, error: AccountRefused) -> None:
    """Put a service's no at its field; a person who may not gets 403."""
    if is_forbidden(error):
        raise _missing(error) from error
    form.add_error(error.field if error.field in form.fields else None, error.text)


def say_refusal(request: HttpRequest, error: AccountRefused) -> None:
    """Say a service's no on the next page, for acts without a form to keep; 403 stays 403."""
    if is_forbidden(error):
        raise _missing(error) from error
    messages.error(request, error.text)


def _missing(error: AccountRefused) -> PermissionDenied:
    """The 403 of a service's no, which names the permission if there is one."""
    code = _NEEDED.get(error.code.removeprefix("permission."))
    return Missing(code) if code else PermissionDenied()
