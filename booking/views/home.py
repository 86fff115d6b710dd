"""The first page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import may
from booking.queries.choices import offered_types
from booking.queries.home import home_page, waiting_for
from booking.queries.quotas import my_quotas
from booking.queries.watching import is_anything_wrong
from booking.views._live import conditional
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now
from labitory.lib.http import is_live_part


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Now and next, what waits for the reader, their favourites."""
    now = clock_now()
    if is_live_part(request):
        waiting = waiting_for(viewer=reader(request), now=now)
        return conditional(request, render(request, "booking/home/_live.html", {"page": waiting}))
    page = home_page(viewer=reader(request), now=now)
    context = {
        "page": page,
        "now": now,
        "types": offered_types(),
        "held": my_quotas(viewer=reader(request), now=now),
        "is_system_ill": may(reader(request), "system.watch") and is_anything_wrong(now=now),
    }
    return render(request, "booking/home/home.html", context)
