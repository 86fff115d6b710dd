"""What every page asks for beside its own parts: how much waits, and what is said to its reader."""

from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from booking.queries.navigation import navigation_counts
from booking.views._live import conditional
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now


@login_required
@require_safe
def live_counts(request: HttpRequest) -> HttpResponse:
    """The numbers of the navigation, with their words, and what stands at the top of the page.

    Whoever has read an announcement goes on where it came to them: on the page that asks.
    """
    found = navigation_counts(viewer=reader(request), now=clock_now())
    unread = found["notices"]
    words = {"notices": ngettext("%(n)s unread", "%(n)s unread", unread) % {"n": unread}}
    counts = {
        name: {"n": n, "words": words.get(name, "")}
        for name, n in found.items()
        if isinstance(n, int)
    }
    page = urlsplit(request.headers.get("Referer", ""))
    context = {
        "counts": counts,
        "nav_counts": found,
        "there": page._replace(scheme="", netloc="", fragment="").geturl(),
    }
    return conditional(request, render(request, "components/_live.html", context))
