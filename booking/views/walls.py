"""Displays on walls, and where managers hang them up and take them down."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import needs
from accounts.models import User
from booking.errors import BookingError
from booking.forms._moments import active_zone
from booking.forms.bookings import show_refusals
from booking.forms.walls import DisplayForm
from booking.models import WallDisplay
from booking.notifications.words import outside
from booking.queries.hints import display_topic
from booking.queries.screens import make_pass
from booking.queries.walls import ON_SCREEN, displays_of, find_display, wall_entries
from booking.services.walls import create_display, note_seen, revoke_display
from booking.views._live import render_live, topics_of
from booking.views._pages import name_origin_only, reader
from labitory.lib.clock import now as clock_now


@require_safe
def wall(request: HttpRequest, token: str) -> HttpResponse:
    """A screen in a corridor: what is free, taken, closed or out of order, without any name.

    One that was taken down says so: 410, and 404 for an address that never was, or was signed
    before displays could be revoked.
    """
    now, display = clock_now(), find_display(token)
    if display is None or display.revoked_at is not None:
        status = HTTPStatus.NOT_FOUND if display is None else HTTPStatus.GONE
        return render(request, "booking/walls/gone.html", status=status)
    entries = wall_entries(display, now=now, zone=active_zone())
    topics = topics_of(entry.resource for entry in entries).split()
    topics.append(display_topic(display.public_id))
    context: dict[str, Any] = {
        "wall": display,
        "screens": [entries[n : n + ON_SCREEN] for n in range(0, len(entries), ON_SCREEN)],
        "now": now,
        "topics": " ".join(topics),
        "pass": make_pass(topics),
    }
    # A manager who looks at it is no screen that hangs there.
    if not isinstance(request.user, User):
        note_seen(display=display, now=now)
    answer = render_live(request, "booking/walls/wall.html", "booking/walls/_live.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@needs("resource.manage")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wall_list(request: HttpRequest) -> HttpResponse:
    """The displays that hang, and a form for another; its address is shown once, in the answer."""
    user = reader(request)
    if request.method != "POST":
        return _page(request, DisplayForm(user=user))
    form = DisplayForm(request.POST, user=user)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        made = create_display(actor=user, now=clock_now(), **form.cleaned_data)
    except BookingError as error:
        show_refusals(form, error)
        return _page(request, form, status=error.status)
    address = outside(reverse("booking:wall", args=[made.token]))
    context = {"display": made.display, "address": address}
    return name_origin_only(render(request, "booking/walls/address.html", context))


@needs("resource.manage")
@require_POST
def wall_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a display down."""
    try:
        display = revoke_display(actor=reader(request), display_id=public_id, now=clock_now())
    except WallDisplay.DoesNotExist as error:
        raise Http404 from error
    told = _("%(name)s is revoked: its screen shows nothing any longer.") % {"name": display}
    messages.success(request, told)
    return redirect("booking:wall_list")


def _page(request: HttpRequest, form: DisplayForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "displays": displays_of(reader(request))}
    return render(request, "booking/walls/list.html", context, status=status)
