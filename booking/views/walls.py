"""Displays on walls, and where managers find their addresses."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import needs
from booking.forms._moments import active_zone
from booking.queries.screens import make_pass
from booking.queries.walls import ON_SCREEN, find_wall, offered_walls, wall_entries
from booking.views._live import render_live, topics_of
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now


@require_safe
def wall(request: HttpRequest, token: str) -> HttpResponse:
    """A screen in a corridor: what is free, taken, closed or out of order, without any name."""
    shown = find_wall(token)
    if shown is None:
        raise Http404
    now = clock_now()
    entries = wall_entries(shown, now=now, zone=active_zone())
    topics = topics_of(entry.resource for entry in entries)
    context: dict[str, Any] = {
        "wall": shown,
        "screens": [entries[n : n + ON_SCREEN] for n in range(0, len(entries), ON_SCREEN)],
        "now": now,
        "topics": topics,
        "pass": make_pass(topics.split()),
    }
    return render_live(request, "booking/walls/wall.html", "booking/walls/_live.html", context)


@needs("resource.manage")
@require_safe
def wall_list(request: HttpRequest) -> HttpResponse:
    """The addresses of all displays that one may hang up."""
    site = settings.SITE_URL.rstrip("/")
    walls = [
        (each, f"{site}{reverse('booking:wall', args=[each.token])}")
        for each in offered_walls(reader(request))
    ]
    return render(request, "booking/walls/list.html", {"walls": walls})
