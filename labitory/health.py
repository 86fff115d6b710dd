"""Whether the process lives, and whether it can serve."""

from collections.abc import Callable

import structlog
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = structlog.get_logger(__name__)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    cache.set("health", "1", 10)
    if cache.get("health") != "1":
        raise ConnectionError("Redis did not keep a value")


CHECKS: dict[str, Callable[[], None]] = {"database": _ask_database, "redis": _ask_redis}


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Database and Redis answer; 503 names the one that does not, without details."""
    checks: dict[str, str] = {}
    for name, ask in CHECKS.items():
        try:
            ask()
            checks[name] = "ok"
        except Exception as error:  # noqa: BLE001 - whatever fails, the answer is "not ready"
            logger.warning("health.failed", check=name, error=str(error))
            checks[name] = "failed"
    healthy = all(state == "ok" for state in checks.values())
    return JsonResponse(
        {"status": "ok" if healthy else "failed", "checks": checks},
        status=200 if healthy else 503,
    )
