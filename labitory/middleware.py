"""What every request passes: its id in logs and audit, and the answer to too many."""

import ipaddress
import re
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django_ratelimit.exceptions import Ratelimited

from audit.context import request_scope
from labitory.errors import too_many
from labitory.lib.http import COUNTRY, client_address, client_agent, client_country

_COUNTRY_CODE = re.compile("[A-Z]{2}")


class ProxyAddressMiddleware:
    """Puts the visitor's address, and country if one is told, where everything else looks.

    Behind our own unix socket a request has no address: the proxy there says whose it is
    (`X-Real-IP`). Only a process that may write to that socket can say so. `X-Forwarded-For` is
    believed from `TRUSTED_PROXIES` alone, read from its end, as far as each speaker is one of
    them: what stands before that anybody may have written. Limits and audit would otherwise take
    everybody for one visitor, or one visitor for as many as he likes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the address in its usual place."""
        peer = request.META.get("REMOTE_ADDR")
        own_socket = not peer
        if own_socket:
            peer = _address(request.META.get("HTTP_X_REAL_IP", "")) or "127.0.0.1"
        trusted = is_trusted_proxy(str(peer))
        request.META["REMOTE_ADDR"] = _forwarded(request, str(peer)) if trusted else peer
        request.META[COUNTRY] = _told_country(request) if own_socket or trusted else ""
        return self.get_response(request)


class IsolationMiddleware:
    """Says to the browser that no other site may embed an answer, nor our pages use its devices.

    Static files are answered before most middleware; this one stands before them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


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
            request_scope(
                request_id=request_id,
                address=client_address(request),
                country=client_country(request),
                agent=client_agent(request),
            ),
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


def is_trusted_proxy(address: str) -> bool:
    """Whether the address is of one of the proxies that the operator has named."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(
        found in ipaddress.ip_network(network, strict=False) for network in settings.TRUSTED_PROXIES
    )


def _forwarded(request: HttpRequest, peer: str) -> str:
    """The last address in X-Forwarded-For that is no proxy of ours; the peer where none is told."""
    for word in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _address(word.strip())
        if not address:
            break
        peer = address
        if not is_trusted_proxy(address):
            break
    return peer


def _told_country(request: HttpRequest) -> str:
    if not settings.COUNTRY_HEADER:
        return ""
    word = str(request.headers.get(settings.COUNTRY_HEADER, "")).strip().upper()
    return word if _COUNTRY_CODE.fullmatch(word) else ""


def _address(word: str) -> str:
    try:
        found = ipaddress.ip_address(word)
    except ValueError:
        return ""
    # The same host must not look like two.
    return str(getattr(found, "ipv4_mapped", None) or found)
