"""Use as it was: what runs now, what was done with one instrument, and what I did."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import require
from booking.permissions import can_see_sessions, where_of
from booking.queries.resources import resource_page
from booking.queries.sessions import (
    KINDS,
    UseFilters,
    figures_of,
    own_uses,
    running_now,
    uses_of,
)
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25


@login_required
@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    """Who is at work now, as far as the reader may know; one's own sessions are among them."""
    now = clock_now()
    found = running_now(reader(request), now)
    context = {"page": page_of(request, found, PAGE_SIZE), "now": now}
    return render(request, "booking/sessions/list.html", context)


@login_required
@require_safe
def resource_sessions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was done with an instrument, planned against actual."""
    viewer, now = reader(request), clock_now()
    page = resource_page(viewer=viewer, public_id=public_id, now=now)
    if page is None:
        raise Http404
    resource = page.resource
    require(can_see_sessions(viewer, resource), "booking.view_all", where_of(resource))
    filters = _filters(request)
    context = {
        "resource": resource,
        "page": page_of(request, uses_of(resource=resource, filters=filters, now=now), PAGE_SIZE),
        "figures": figures_of(uses_of(resource=resource, filters=UseFilters(), now=now)),
        "kind": filters.kind,
        "now": now,
    }
    return render(request, "booking/sessions/resource.html", context)


@login_required
@require_safe
def own_usage(request: HttpRequest) -> HttpResponse:
    """The reader's own use, planned against actual."""
    viewer, now = reader(request), clock_now()
    filters = _filters(request)
    context = {
        "page": page_of(request, own_uses(viewer=viewer, filters=filters, now=now), PAGE_SIZE),
        "figures": figures_of(own_uses(viewer=viewer, filters=UseFilters(), now=now)),
        "kind": filters.kind,
        "now": now,
    }
    return render(request, "booking/sessions/own.html", context)


def _filters(request: HttpRequest) -> UseFilters:
    kind = request.GET.get("kind", "")
    return UseFilters(kind=kind if kind in KINDS else "")
