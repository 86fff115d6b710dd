"""Pages that move by themselves: the same address answers with the parts that change."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

from booking.models import Resource
from booking.queries.hints import resource_topic
from labitory.lib.http import LIVE_PART, is_live_part

# Another at each answer, though nothing has changed.
_TOKENS = re.compile(rb'(name="csrfmiddlewaretoken" value=)"[^"]*"')


def render_live(
    request: HttpRequest, page: str, parts: str, context: dict[str, Any]
) -> HttpResponse:
    """The page, or for its script only the parts of it that change; 304 where they have not.

    Both are made of the same context, by the same permissions.
    """
    if not is_live_part(request):
        return render(request, page, context)
    return conditional(request, render(request, parts, context))


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with a digest of itself as its ETag (docs/adr/0002), or that it is the same."""
    digest = sha256(_TOKENS.sub(rb"\1", response.content)).hexdigest()[:32]
    response.headers["ETag"] = f'W/"{digest}"'
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ("Cookie", LIVE_PART))
    found = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return found if isinstance(found, HttpResponse) else response


def topics_of(resources: Iterable[Resource]) -> str:
    """The topics of these instruments, as a page names them."""
    return " ".join(resource_topic(resource.public_id) for resource in resources)
