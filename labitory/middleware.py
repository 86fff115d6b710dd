"""What every request passes: its id in logs and audit, and the answer to too many."""

import ipaddress
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django_ratelimit.exceptions import Ratelimited

from audit.context import request_scope
from labitory.errors import too_many
from labitory.lib.http import client_address


class ProxyAddressMiddleware:
    """Behind our own unix socket a request has no address: the proxy there says whose it is.

    Only a process that may write to that socket can say so, hence it is believed there and
    nowhere else. Limits and audit would otherwise take everybody for one visitor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the address in its usual place."""
        if not request.META.get("REMOTE_ADDR"):
            request.META["REMOTE_ADDR"] = _told_address(request) or "127.0.0.1"
        return self.get_response(request)


class RequestContextMiddleware:
    """Gives each request an id that its log lines, its audit records and its answer carry.

    The answer is kept from shared caches, unless its view says otherwise.
    """

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
        # Nearly every answer is one person's: no cache between us may keep it for another.
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True)
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


def _told_address(request: HttpRequest) -> str:
    try:
        return str(ipaddress.ip_address(request.META.get("HTTP_X_REAL_IP", "")))
    except ValueError:
        return ""
