"""Where browsers report what the content security policy stopped."""

import json

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_ratelimit.decorators import ratelimit

logger = structlog.get_logger(__name__)
_LONGEST = 8192


# Browsers send these reports without a CSRF token, and nothing is changed by one.
@csrf_exempt
@require_POST
@ratelimit(key="ip", rate="60/m")  # type: ignore[untyped-decorator]
def report(request: HttpRequest) -> HttpResponse:
    """Log one report; anything that is not one is a plain 400."""
    if len(request.body) > _LONGEST:
        return HttpResponse(status=413)
    try:
        body = json.loads(request.body)
        found = body["csp-report"]
        wanted = ("document-uri", "violated-directive", "blocked-uri", "source-file")
        facts = {name.replace("-", "_"): str(found.get(name, ""))[:500] for name in wanted}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return HttpResponse(status=400)
    logger.warning("csp.violation", **facts)
    return HttpResponse(status=204)
