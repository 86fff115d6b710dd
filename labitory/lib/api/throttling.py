"""How often one account, or one address without an account, may ask."""

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from labitory.lib.http import client_address

if TYPE_CHECKING:  # the framework imports this module while it is itself being imported
    from rest_framework.views import APIView


class AccountThrottle(SimpleRateThrottle):
    """`RATE_API` requests an account; visitors are told apart by their address."""

    scope = "api"

    def get_rate(self) -> str:
        """The rate, read from the settings when a request comes."""
        return str(settings.RATE_API)

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        """Who asks."""
        who = request.user.pk if request.user.is_authenticated else client_address(request)
        return f"throttle-{self.scope}-{who}"
