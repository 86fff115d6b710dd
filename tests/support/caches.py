"""Emptying the cache of one test process, and of no other."""

from typing import Any

from django.conf import settings
from django.core.cache import cache


def empty_cache() -> None:
    """Remove this process's keys. `cache.clear()` would flush the neighbours' as well."""
    client: Any = cache._cache.get_client()  # type: ignore[attr-defined]
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    if keys := list(client.scan_iter(match=f"{prefix}:*", count=1000)):
        client.delete(*keys)
