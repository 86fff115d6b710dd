"""How often one account, or one address without an account, may ask."""

import time
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from labitory.lib.http import client_address

if TYPE_CHECKING:  # the framework imports this module while it is itself being imported
    from rest_framework.views import APIView


class AccountThrottle(SimpleRateThrottle):
    """`RATE_API` requests an account; visitors are told apart by their address.

    A count for each span of time, where the framework would keep and rewrite the moment of every
    request: 6,000 of them for a busy program.
    """

    scope = "api"
    # Set by the framework from the rate.
    num_requests: int
    duration: int

    def get_rate(self) -> str:
        """The rate, read from the settings when a request comes."""
        return str(settings.RATE_API)

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request; refuse what is more than the span's share."""
        span = int(time.time() // self.duration)
        key = f"throttle-{self.scope}-{self._who(request)}-{span}"
        try:
            return bool(self.cache.incr(key) <= self.num_requests)
        except ValueError:
            # The first of its span; or nothing can be counted now, and nobody is refused.
            self.cache.add(key, 1, self.duration + 1)
            return True

    def wait(self) -> float:
        """Seconds until the next span begins."""
        return float(self.duration - time.time() % self.duration)

    def _who(self, request: Request) -> str:
        if request.user.is_authenticated:
            return f"account-{request.user.pk}"
        return f"address-{client_address(request)}"
