"""How often one address may try, and how often it may try one account."""

from hashlib import sha256

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from labitory.lib.http import client_address


class AddressThrottle(SimpleRateThrottle):
    """A whole campus may share one address; this only stops guessing through many names."""

    scope = "login-address"
    rate = "120/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """The address."""
        return f"throttle-{self.scope}-{client_address(request)}"


class LoginThrottle(SimpleRateThrottle):
    """`RATE_LOGIN` attempts on one account from one address, in any letter case."""

    scope = "login-name"

    def get_rate(self) -> str:
        """The rate, read from the settings when a request comes."""
        return str(settings.RATE_LOGIN)

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """The address together with the name that is tried."""
        given = request.data.get("username", "") if isinstance(request.data, dict) else ""
        # Hashed: a name may hold anything, a cache key may not.
        name = sha256(str(given).strip().casefold().encode(errors="replace")).hexdigest()
        return f"throttle-{self.scope}-{client_address(request)}-{name}"
