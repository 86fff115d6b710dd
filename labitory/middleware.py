"""What every request passes: its id in logs and audit, and the answer to too many."""

import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django_ratelimit.exceptions import Ratelimited

from audit.context import request_scope
from labitory.errors import too_many
from labitory.lib.http import client_address


class RequestContextMiddleware:
    """Gives each request an id that its log lines, its audit records and its answer carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the id bound."""
        request_id = uuid.uuid4().hex
        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            request_scope(request_id=request_id, address=client_address(request)),
        ):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class RateLimitMiddleware:
    """Turns django-ratelimit's refusal into 429; a plain PermissionDenied would say 403."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a rate limit with when to come back."""
        return too_many(request) if isinstance(exception, Ratelimited) else None
