"""What counts as the same visitor when requests are limited."""

from django.conf import settings
from django.http import HttpRequest

from labitory.lib.http import client_address

# A whole campus may share one address; this only stops guessing through many names.
ADDRESS_RATE = "120/m"


def address(_group: str, request: HttpRequest) -> str:
    """The address alone."""
    return client_address(request)


def address_and_name(_group: str, request: HttpRequest) -> str:
    """The address together with the account that is tried, in any letter case."""
    name = request.POST.get("username") or request.POST.get("email") or ""
    return f"{client_address(request)} {name.strip().casefold()}"


def login_rate(_group: str, _request: HttpRequest) -> str:
    """Attempts to log in; read with each request."""
    return str(settings.RATE_LOGIN)


def reset_rate(_group: str, _request: HttpRequest) -> str:
    """Requests for a link."""
    return str(settings.RATE_PASSWORD_RESET)
