"""What a phone shows that scanned the sticker on an instrument."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from booking.enums import Status
from booking.forms._moments import active_zone
from booking.models import Booking
from booking.queries.calendars import calendar_entries
from booking.queries.resources import (
    ResourcePage,
    instrument_page,
    own_bookings_on,
    resource_terms,
)
from booking.services.check_ins import EARLIEST
from booking.views._pages import reader
from booking.views._resource_page import present_context
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period, local_day

LATER_SHOWN = 4


@login_required
@require_safe
def instrument(request: HttpRequest, code: str) -> HttpResponse:
    """The state in large letters, what to do about it now, and the rest of the day."""
    now, viewer = clock_now(), reader(request)
    page = instrument_page(viewer=viewer, code=code, now=now)
    if page is None:
        raise Http404
    context = {
        "page": page,
        "resource": page.resource,
        "now": now,
        **_acts(viewer, page, now),
        **_now(viewer, page, now),
    }
    return render(request, "booking/instruments/instrument.html", context)


def _acts(viewer: User, page: ResourcePage, now: datetime) -> dict[str, Any]:
    """The reader's booking that can be finished, or else started, and the one after."""
    own = own_bookings_on(viewer=viewer, resource=page.resource, now=now)
    to_finish = next((each for each in own if each.status == Status.CHECKED_IN), None)
    to_start = next((each for each in own if _can_start(each, now)), None)
    rest = [each for each in own if each not in (to_finish, to_start)]
    return {
        "to_finish": to_finish,
        "to_start": None if to_finish else to_start,
        "next_own": next(iter(rest), None),
    }


def _can_start(booking: Booking, now: datetime) -> bool:
    return (
        booking.status == Status.CONFIRMED
        and booking.start_time - EARLIEST <= now < booking.end_time
    )


def _now(viewer: User, page: ResourcePage, now: datetime) -> dict[str, Any]:
    """What the resource is doing, who has it, until when it is free, and what follows today."""
    resource = page.resource
    rest_of_day = Period(now, local_day(now, active_zone()).end)
    entries = calendar_entries(
        viewer=viewer, resource_ids=[resource.pk], window=rest_of_day, now=now
    )
    later = [each for each in entries if each.claim_start > now]
    terms = resource_terms(viewer=viewer, resource=resource, window=rest_of_day, now=now)
    ends = [period.end for period in terms.open_in(rest_of_day) if period.start <= now]
    ends += [each.claim_start for each in later]
    return {
        "current": next((each for each in entries if each.start_time <= now), None),
        "later": later[:LATER_SHOWN],
        "free_until": min((end for end in ends if end < rest_of_day.end), default=None),
        **present_context(viewer=viewer, page=page, terms=terms, now=now),
    }
