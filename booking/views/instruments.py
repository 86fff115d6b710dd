"""What a phone shows that scanned the sticker, and the screen that hangs beside an instrument."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from booking.enums import Status
from booking.forms._moments import active_zone
from booking.models import Resource
from booking.queries.check_ins import LastUse, last_use, own_bookings_at
from booking.queries.hints import resource_topic
from booking.queries.instruments import InstrumentNow, instrument_now, rest_and_next
from booking.queries.kiosks import KioskView, for_everybody, kiosk_view
from booking.queries.resources import ResourcePage, instrument_page, resource_terms
from booking.queries.screens import make_pass
from booking.views._live import conditional, render_live
from booking.views._pages import reader
from booking.views._resource_page import SHORTEST_OFFER
from booking.views._use import Use, chosen_of, following_of, use_of_instrument
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period, local_day

LATER_SHOWN = 4


@login_required
@require_safe
def instrument(request: HttpRequest, code: str) -> HttpResponse:
    """The state in large letters, what to do about it now, and the rest of the day."""
    now, viewer = clock_now(), reader(request)
    rest = rest_of_day(now)
    found = instrument_now(viewer=viewer, code=code, rest=rest, now=now)
    if found is None:
        raise Http404
    # Whoever uses it knows how it was left, and that nobody else is there.
    uses = any(each.status == Status.CHECKED_IN for each in found.own)
    last = LastUse() if uses else LastUse(over_since=found.over_since)
    use = _use(viewer, found, rest, now, uses=uses)
    context = {
        "page": found.page,
        "resource": found.resource,
        "now": now,
        "next": request.path,
        "use": use,
        "booking": use.booking,
        "next_own": following_of(found.own, now),
        "last": last,
        "topics": resource_topic(found.resource.public_id),
        **_now(viewer, found, rest, now),
    }
    return render_live(
        request,
        "booking/instruments/instrument.html",
        "booking/instruments/_live.html",
        context,
    )


@require_safe
def kiosk(request: HttpRequest, code: str) -> HttpResponse:
    """The screen beside an instrument: for everybody who passes, without anybody's name."""
    now = clock_now()
    if isinstance(request.user, User):
        page = instrument_page(Resource.objects.all(), viewer=request.user, code=code, now=now)
        if page is not None:
            return _own_kiosk(request, page, now)
    seen = _seen(for_everybody(code), now)
    context = {"seen": seen, "resource": seen.resource, "now": now, **_heard(seen.resource)}
    return render(request, "booking/instruments/kiosk.html", context)


def _seen(which: Q, now: datetime) -> KioskView:
    seen = kiosk_view(which, now=now, zone=active_zone())
    if seen is None:
        raise Http404
    return seen


def _heard(resource: Resource) -> dict[str, str]:
    """What the screen hears of, and its leave to: it needs no login."""
    topic = resource_topic(resource.public_id)
    return {"topics": topic, "pass": make_pass([topic])}


def _own_kiosk(request: HttpRequest, page: ResourcePage, now: datetime) -> HttpResponse:
    """The same for who is logged in, with what they can do."""
    viewer, resource, rest = reader(request), page.resource, rest_of_day(now)
    terms = resource_terms(viewer=viewer, resource=resource, window=rest, now=now)
    seen = _seen(Q(pk=resource.pk), now)
    use = use_of_instrument(
        viewer=viewer,
        resource=resource,
        own=own_bookings_at(viewer=viewer, resource=resource, now=now),
        last=last_use(resource=resource, now=now),
        now=now,
        loaded=terms.loaded,
        is_public=True,
    )
    context = {
        "seen": seen,
        "resource": resource,
        "now": now,
        "next": request.path,
        "use": use,
        "booking": use.booking,
        **_heard(resource),
    }
    return render(request, "booking/instruments/kiosk.html", context)


@require_safe
def kiosk_state(request: HttpRequest, code: str) -> HttpResponse:
    """The part of the screen that changes by itself."""
    now = clock_now()
    seen = _seen(for_everybody(code), now)
    context = {"seen": seen, "resource": seen.resource, "now": now}
    return conditional(request, render(request, "booking/instruments/_kiosk_live.html", context))


def rest_of_day(now: datetime) -> Period:
    """From now to the reader's midnight."""
    return Period(now, local_day(now, active_zone()).end)


def _use(viewer: User, found: InstrumentNow, rest: Period, now: datetime, *, uses: bool) -> Use:
    """What the reader can do; what that needs to know is read only where there is anything."""
    resource, starts = found.resource, chosen_of(found.own, now) is None
    if starts and found.presence.kind != "free":
        return Use()
    own, loaded = [], None
    if starts:
        terms = resource_terms(viewer=viewer, resource=resource, window=rest, now=now)
        loaded = terms.loaded
    else:
        own = own_bookings_at(viewer=viewer, resource=resource, now=now)
    return use_of_instrument(
        viewer=viewer,
        resource=resource,
        own=own,
        last=LastUse() if uses else found.last(now),
        now=now,
        loaded=loaded,
        asks=found.has_questions,
    )


def _now(viewer: User, found: InstrumentNow, rest: Period, now: datetime) -> dict[str, Any]:
    """What the resource is doing, who has it, until when it is free, and what follows today."""
    resource = found.resource
    entries, starts = rest_and_next(
        viewer=viewer, resource=resource, rest=rest, minimum=SHORTEST_OFFER, now=now
    )
    later = [each for each in entries if each.claim_start > now]
    ends = [period.end for period in found.opened if period.start <= now]
    ends += [each.claim_start for each in later]
    return {
        "current": next((each for each in entries if each.start_time <= now), None),
        "later": later[:LATER_SHOWN],
        "free_until": min((end for end in ends if end < rest.end), default=None),
        "presence": found.presence,
        "fault": found.fault,
        "slot_starts": starts,
    }
