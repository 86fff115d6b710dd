"""Limits of how often something may be asked for, for pages and endpoints alike."""

from collections.abc import Sequence

from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited
from django_ratelimit.exceptions import Ratelimited


def require_rate(request: HttpRequest, *, group: str, keys: Sequence[str], rate: str) -> None:
    """Count one more for each of the keys; raises Ratelimited where that is too many of any."""
    # All are counted, also after the first that is too many.
    over = [_is_over(request, group, key, rate) for key in keys]
    if any(over):
        raise Ratelimited


def _is_over(request: HttpRequest, group: str, key: str, rate: str) -> bool:
    def same(_group: str, _request: HttpRequest) -> str:
        return key

    return bool(is_ratelimited(request, group=group, key=same, rate=rate, increment=True))
