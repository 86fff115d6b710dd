"""What every page asks for beside its own parts: how much waits for its reader."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from booking.queries.navigation import navigation_counts
from booking.views._live import conditional
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now


@login_required
@require_safe
def live_counts(request: HttpRequest) -> HttpResponse:
    """The numbers of the navigation, each with its words where it has any."""
    counts = navigation_counts(viewer=reader(request), now=clock_now())
    unread = counts["notices"]
    words = {"notices": ngettext("%(n)s unread", "%(n)s unread", unread) % {"n": unread}}
    told = {
        name: {"n": n, "words": words.get(name, "")}
        for name, n in counts.items()
        if isinstance(n, int)
    }
    return conditional(request, JsonResponse(told))
