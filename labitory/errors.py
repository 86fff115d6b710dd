"""The pages for what went wrong; addresses under /api/ answer as problems instead."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache

from accounts.views.refusals import explain_refusal
from labitory.lib.api.problems import problem_response

logger = structlog.get_logger(__name__)


def _answer(
    request: HttpRequest,
    status: int,
    code: str,
    title: str,
    context: dict[str, object] | None = None,
) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(status=status, code=code, title=title)
    return render(request, f"{status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself cannot be read."""
    return _answer(request, 400, "request.malformed", "The request cannot be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: known, and not allowed; the page says what is missing, where that is known."""
    why = explain_refusal(request, exception)
    return _answer(request, 403, "permission.denied", "You may not do this.", why)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is nothing here, or nothing the reader may know of."""
    return _answer(request, 404, "request.not_found", "There is nothing at this address.")


@never_cache
def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: too often; the answer says when to come back."""
    response = _answer(request, 429, "request.too_many", "Too many requests. Wait a minute.")
    response.headers["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours; the page needs neither database nor user."""
    title = "Something went wrong on our side."
    if request.path.startswith("/api/"):
        return problem_response(status=500, code="server.error", title=title)
    # Without the request: its context would ask the database that may be what is wrong.
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that lost its protection token: almost always an old tab."""
    logger.warning("csrf.refused", reason=reason, path=request.path)
    if request.path.startswith("/api/"):
        return forbidden(request)
    return render(request, "old_page.html", status=403)
