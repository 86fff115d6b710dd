"""The page of one's own calendar server."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from booking.enums import RemotePolicy
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.remote_calendars import CONNECT_GROUP, CONNECT_RATE, RemoteCalendarForm
from booking.models import RemoteEntry
from booking.queries.remote_calendars import conflicts_of, remote_calendar_of
from booking.services.remote_calendars import (
    connect_calendar,
    disconnect_calendar,
    keep_booking,
)
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now
from labitory.lib.limits import require_rate

PAGE = "booking:remote_calendar"


@sensitive_post_parameters("password")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remote_calendar(request: HttpRequest) -> HttpResponse:
    """Whether one's bookings are written to a calendar server, and connecting one."""
    if request.method != "POST":
        return _page(request, RemoteCalendarForm())
    key = f"account {reader(request).pk}"
    require_rate(request, group=CONNECT_GROUP, keys=[key], rate=CONNECT_RATE)
    form = RemoteCalendarForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    given = form.cleaned_data
    try:
        connect_calendar(
            user=reader(request),
            url=given["url"],
            username=given["username"],
            password=given["password"],
            policy=RemotePolicy(given["policy"]),
            now=clock_now(),
        )
    except BookingError as error:
        if several := error.refusals[0].facts.get("calendars"):
            form.offer(several)
        else:
            show_refusals(form, error)
        return _page(request, form, status=error.status)
    messages.success(request, _("Connected. Your bookings are there within some minutes."))
    return redirect(PAGE)


@login_required
@require_POST
def remote_calendar_end(request: HttpRequest) -> HttpResponse:
    """Write nothing there any longer."""
    disconnect_calendar(user=reader(request), now=clock_now())
    messages.success(request, _("Ended. Name and password are forgotten; what lies there stays."))
    return redirect(PAGE)


@login_required
@require_POST
def remote_calendar_keep(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let the lab's time of one booking stand."""
    try:
        entry = keep_booking(user=reader(request), booking_id=public_id, now=clock_now())
    except RemoteEntry.DoesNotExist as error:
        raise Http404 from error
    said = _("%(resource)s stays as it is; your calendar follows within some minutes.")
    messages.success(request, said % {"resource": entry.booking.resource.name})
    return redirect(PAGE)


def _page(
    request: HttpRequest, form: RemoteCalendarForm, status: int = HTTPStatus.OK
) -> HttpResponse:
    user = reader(request)
    context = {
        "form": form,
        "calendar": remote_calendar_of(user),
        "conflicts": conflicts_of(user)[:50],
    }
    return render(request, "booking/remote_calendars/page.html", context, status=status)
