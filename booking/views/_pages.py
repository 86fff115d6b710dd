"""Small manners that the pages share."""

from datetime import date
from typing import Any, NoReturn, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.access import Missing
from accounts.models import User
from booking.errors import BookingError, NotAllowed

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


def query_with(request: HttpRequest, **changes: object) -> str:
    """The address's query with some answers changed; None drops one."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


def asked_day(request: HttpRequest, *, name: str, otherwise: date) -> date:
    """The day that the address names, or another when it names none that can be meant."""
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return otherwise
    return day if abs((day - otherwise).days) <= 3660 else otherwise  # noqa: PLR2004 - ten years


def name_origin_only(page: HttpResponse) -> HttpResponse:
    """A page with a secret address in or on it: what it leads to learns of our host alone.

    Not `no-referrer`: browsers hide their origin then from forms too, and none can be sent.
    """
    page.headers["Referrer-Policy"] = "strict-origin"
    return page


def raise_missing(error: NotAllowed) -> NoReturn:
    """A service's 403 as the page that says what is missing."""
    if error.needs:
        raise Missing(error.needs, error.where) from error
    raise PermissionDenied from error


def say_error(request: HttpRequest, error: BookingError) -> None:
    """Say a service's no on the next page, for acts that have no form to keep; 403 stays 403."""
    if isinstance(error, NotAllowed):
        raise_missing(error)
    for refusal in error.refusals:
        messages.error(request, refusal.text)
