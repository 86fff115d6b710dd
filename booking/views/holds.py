"""Keeping time for a few minutes before it is booked."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.errors import BookingError
from booking.forms.holds import HoldForm
from booking.models import Hold
from booking.services.holds import hold_time, release_hold
from booking.views._pages import reader, say_error
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_time


@login_required
@require_POST
def hold_new(request: HttpRequest) -> HttpResponse:
    """Keep the time that the booking form shows, and come back to the form."""
    form = HoldForm(request.POST)
    back = {name: request.POST.get(name, "") for name in ("resource", "purpose", "notes")}
    back |= {"start": request.POST.get("start_time", ""), "end": request.POST.get("end_time", "")}
    if not form.is_valid():
        for texts in form.errors.values():
            for text in texts:
                messages.error(request, str(text))
    else:
        try:
            hold = hold_time(
                actor=reader(request),
                resource_id=form.cleaned_data["resource"].public_id,
                period=form.period,
                now=clock_now(),
            )
        except BookingError as error:
            say_error(request, error)
        else:
            text = _("Kept for you until %(time)s. Book it before then, or it is free again.")
            messages.success(request, text % {"time": say_time(hold.expires_at)})
            back |= {
                "start": hold.start_time.isoformat(),
                "end": hold.end_time.isoformat(),
            }
    return redirect(f"{reverse('booking:booking_new')}?{urlencode(back)}")


@login_required
@require_POST
def hold_release(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give kept time back before it expires."""
    try:
        release_hold(actor=reader(request), hold_id=public_id, now=clock_now())
    except Hold.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("Released. The time is free again."))
    return redirect("booking:home")
