"""What counts as the same visitor when requests are limited."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_ratelimit.decorators import ratelimit

from accounts.queries.devices import device_tokens
from labitory.lib.http import client_address

# A whole campus may share one address; this only stops guessing through many names.
ADDRESS_RATE = "120/m"
# What is asked while people type.
TYPING_RATE = "600/m"

Rate = Callable[[str, HttpRequest], str]
View = TypeVar("View", bound=Callable[..., HttpResponse])


def address(_group: str, request: HttpRequest) -> str:
    """The address alone."""
    return client_address(request)


def address_and_name(_group: str, request: HttpRequest) -> str:
    """The address together with the account that is tried, in any letter case."""
    name = request.POST.get("username") or request.POST.get("email") or ""
    return f"{client_address(request)} {name.strip().casefold()}"


def limited(rate: str | Rate) -> Callable[[View], View]:
    """Let an address post so often and no more; the page then answers 429."""
    decorator: Callable[[View], View] = ratelimit(key=address, rate=rate, method="POST")
    return decorator


def login_try(group: str, request: HttpRequest) -> str:
    """The same, apart for browsers that are known: another at the address shuts nobody out.

    Whoever invents what a known browser shows gains little: the guards of the login still count.
    """
    return f"{address_and_name(group, request)} {'.'.join(device_tokens(request))}"


def login_rate(_group: str, _request: HttpRequest) -> str:
    """Attempts to log in; read with each request."""
    return str(settings.RATE_LOGIN)


def registration_rate(_group: str, _request: HttpRequest) -> str:
    """Registrations and accepted invitations."""
    return str(settings.RATE_REGISTRATION)


def reset_rate(_group: str, _request: HttpRequest) -> str:
    """Requests for a link."""
    return str(settings.RATE_PASSWORD_RESET)
