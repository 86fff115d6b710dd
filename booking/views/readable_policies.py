"""The rules as people read them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.enums import Role
from booking.queries.readable_policies import lab_rules, resource_rules, ruled_resources
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 50


@login_required
@require_safe
def rules_of_resource(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Every rule that holds for the reader on one instrument, in sentences."""
    found = resource_rules(viewer=reader(request), public_id=public_id, now=clock_now())
    if found is None:
        raise Http404
    context = {"resource": found.page.resource, "chapters": found.chapters, "role": found.role}
    return render(request, "booking/policies/rules.html", context)


@login_required
@require_safe
def rules_of_lab(request: HttpRequest) -> HttpResponse:
    """What holds wherever nothing else is said, and the way to each instrument's rules."""
    viewer, now = reader(request), clock_now()
    context = {
        "chapters": lab_rules(viewer=viewer, now=now),
        "role": Role(viewer.role).label,
        "page": page_of(request, ruled_resources(viewer=viewer, now=now), PAGE_SIZE),
    }
    return render(request, "booking/policies/lab.html", context)
