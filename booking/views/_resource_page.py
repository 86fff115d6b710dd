"""What a reader sees of one resource: its facts, its terms, its week."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse

from accounts.models import User
from booking.forms._moments import active_zone
from booking.models import Resource
from booking.permissions import where_of
from booking.queries.calendars import calendar_entries
from booking.queries.free_slots import next_free
from booking.queries.prices import price_now
from booking.queries.quotas import balances_of
from booking.queries.resources import (
    MINUTE,
    Presence,
    ResourcePage,
    ResourceTerms,
    find_resource,
    presences,
    resource_page,
    resource_terms,
    upcoming_on,
)
from booking.queries.rules_in_words import said_hours, said_limits
from booking.rules.training import lacking_courses
from booking.views._agenda import AgendaDay, agenda
from booking.views._pages import asked_day, query_with, reader
from booking.views._timeline import build_timeline, make_axis
from labitory.lib.clock import now as clock_now
from labitory.lib.periods import Period, local_midnight

WEEK = 7
# Walking up to an instrument, half an hour is worth having.
SHORTEST_OFFER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The shown days, Monday first."""

    monday: date
    today: date

    @property
    def window(self) -> Period:
        """The days in the reader's zone."""
        zone = active_zone()
        return Period(
            local_midnight(self.monday, zone),
            local_midnight(self.monday + timedelta(days=WEEK), zone),
        )


def known_resource(public_id: UUID) -> Resource:
    """A resource that exists."""
    found = find_resource(public_id)
    if found is None:
        raise Http404
    return found


def detail_context(request: HttpRequest, public_id: UUID) -> dict[str, Any]:
    """All that the page of a resource shows."""
    viewer, now = reader(request), clock_now()
    page = resource_page(viewer=viewer, public_id=public_id, now=now)
    if page is None:
        raise Http404
    resource = page.resource
    week = _week(request, now)
    terms = resource_terms(viewer=viewer, resource=resource, window=week.window, now=now)
    return {
        "page": page,
        "resource": resource,
        "now": now,
        "limits": said_limits(terms.limits),
        "approval": terms.approval,
        "price": price_now(terms.loaded, now),
        "balances": balances_of(terms.quotas, zone=resource.zone, now=now),
        "hours": said_hours(terms.hours),
        "upcoming": upcoming_on(viewer=viewer, resource=resource, now=now),
        "where": where_of(resource),
        "lacking": lacking_courses(
            terms.courses, resource.zone, now.astimezone(resource.zone).date()
        ),
        **present_context(viewer=viewer, page=page, terms=terms, now=now),
        **_week_context(request, viewer, terms, week, now),
    }


def present_context(
    *, viewer: User, page: ResourcePage, terms: ResourceTerms, now: datetime
) -> dict[str, Any]:
    """What the resource is doing now, and when this reader can have it."""
    resource = page.resource
    opened = {resource.pk: terms.open_in(Period(now, now + MINUTE))}
    free = next_free(
        user=viewer, now=now, resource_ids=[resource.public_id], minimum=SHORTEST_OFFER
    )
    presence = presences(resources=[resource], opened=opened, now=now)[resource.pk]
    # What is broken is not merely outside its hours.
    broken = terms.fault if terms.fault and terms.fault.is_blocking(now) else None
    if broken and presence.kind in ("free", "shut"):
        presence = Presence(kind="fault", until=broken.back_at, reason=broken.title)
    return {
        "presence": presence,
        "fault": terms.fault,
        "slot": free.get(resource.public_id),
    }


def _week(request: HttpRequest, now: datetime) -> Week:
    today = now.astimezone(active_zone()).date()
    day = asked_day(request, name="date", otherwise=today)
    return Week(monday=day - timedelta(days=day.weekday()), today=today)


def _worth_reading(days: list[AgendaDay], week: Week) -> list[AgendaDay]:
    """The days of this week without the empty ones that are over; any other week as it is."""
    if not week.monday <= week.today < week.monday + timedelta(days=WEEK):
        return days
    return [day for day in days if day.lines or day.day >= week.today]


def _week_context(
    request: HttpRequest, viewer: User, terms: ResourceTerms, week: Week, now: datetime
) -> dict[str, Any]:
    resource, window, zone = terms.resource, week.window, active_zone()
    entries = calendar_entries(viewer=viewer, resource_ids=[resource.pk], window=window, now=now)
    opened = terms.open_in(window)
    busy = [Period(each.start_time, each.end_time) for each in entries if each.kind == "booking"]
    axis = make_axis(first=week.monday, days=WEEK, zone=zone, busy=busy + opened)
    step = timedelta(days=WEEK)
    # The page also answers to a refused closing, at another address.
    at = reverse("booking:resource_detail", args=[resource.public_id])
    return {
        "week": week,
        "timeline": build_timeline(
            axis=axis,
            resources=[resource],
            entries=entries,
            open_periods={resource.pk: opened},
            now=now,
            cell=None,
        ),
        "days": _worth_reading(
            agenda(
                resource=resource,
                entries=entries,
                open_periods=opened,
                window=window,
                zone=zone,
                now=now,
            ),
            week,
        ),
        "links": {
            "previous": f"{at}{query_with(request, date=week.monday - step)}#week",
            "today": f"{at}{query_with(request, date=None)}#week",
            "next": f"{at}{query_with(request, date=week.monday + step)}#week",
        },
    }
