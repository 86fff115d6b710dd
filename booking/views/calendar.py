"""The timeline of many instruments."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.enums import TimeFormat
from accounts.models import User
from booking.forms._moments import active_zone
from booking.models import Resource
from booking.queries.calendars import (
    CalendarEntry,
    calendar_entries,
    known_open_periods,
    with_hours,
)
from booking.queries.choices import meant_type, offered_types
from booking.queries.faults import with_outage
from booking.queries.places import shown_to
from booking.views._agenda import AgendaDay, agenda
from booking.views._live import render_live, topics_of
from booking.views._pages import asked_day, query_with, reader
from booking.views._timeline import Timeline, build_timeline, make_axis
from labitory.lib.clock import now as clock_now
from labitory.lib.http import is_live_part, lab_zone
from labitory.lib.periods import Period, local_midnight

ROWS = 50
# A week in words is ten times as long as its row in the timeline.
ROWS_IN_WORDS = 20
WEEK = 7
# A cell of the week is a free run: hours would be too narrow to hit.
DAY_CELL = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the address asks for."""

    view: str
    first: date
    days: int
    today: date

    @property
    def css(self) -> str:
        """The class that gives the table its width."""
        return f"tl-{self.view}-view"

    @property
    def window(self) -> Period:
        """The shown days in the reader's zone."""
        zone = active_zone()
        return Period(
            local_midnight(self.first, zone),
            local_midnight(self.first + timedelta(days=self.days), zone),
        )


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Instruments as rows, a day or a week as columns; on a phone one instrument's agenda."""
    now, viewer = clock_now(), reader(request)
    shown = _shown(request, now)
    if is_live_part(request):
        page, resources = None, _rows(request, viewer, shown, now)
    else:
        page = _page(request, viewer, shown, now)
        resources = list(page.object_list)
    entries = calendar_entries(
        viewer=viewer,
        resource_ids=[resource.pk for resource in resources],
        window=shown.window,
        now=now,
    )
    opened = known_open_periods(resources=resources, window=shown.window)
    as_list = request.GET.get("as") == "list"
    focus = _focus(request, resources)
    listed = resources if as_list else [focus] if focus else []
    timeline = None if as_list else _timeline(shown, resources, entries, opened, now)
    context: dict[str, Any] = {
        "shown": shown,
        "now": now,
        "page": page,
        "as_list": as_list,
        "timeline": timeline,
        "interactive": _interactive(viewer, shown, timeline) if timeline else None,
        "agendas": [
            (resource, _agenda(shown, resource, entries, opened, now)) for resource in listed
        ],
        "focus": focus,
        "topics": topics_of(resources),
        "types": None if page is None else offered_types(),
        "links": _links(request, shown),
        # Midnight and a shorter list leave the page as it is.
        "asks": query_with(request, date=shown.first, page=page.number if page else None),
        "zone": "" if active_zone() == lab_zone() else active_zone().key,
    }
    return render_live(
        request, "booking/calendar/calendar.html", "booking/calendar/_live.html", context
    )


def _shown(request: HttpRequest, now: datetime) -> Shown:
    today = now.astimezone(active_zone()).date()
    day = asked_day(request, name="date", otherwise=today)
    if request.GET.get("view") == "week":
        monday = day - timedelta(days=day.weekday())
        return Shown(view="week", first=monday, days=WEEK, today=today)
    return Shown(view="day", first=day, days=1, today=today)


def _rows(request: HttpRequest, viewer: User, shown: Shown, now: datetime) -> list[Resource]:
    """The same as those of the page that asks, without counting all pages."""
    number, size = request.GET.get("page", ""), _size(request)
    first = (max(int(number), 1) - 1) * size if number.isdecimal() and len(number) < 6 else 0  # noqa: PLR2004 - longer is none of ours
    found = with_hours(_resources(request, viewer, now), shown.window)
    return list(found[first : first + size])


def _page(request: HttpRequest, viewer: User, shown: Shown, now: datetime) -> "Page[Resource]":
    found = with_hours(_resources(request, viewer, now), shown.window)
    return Paginator(found, _size(request)).get_page(request.GET.get("page"))


def _size(request: HttpRequest) -> int:
    return ROWS_IN_WORDS if request.GET.get("as") == "list" else ROWS


def _resources(request: HttpRequest, viewer: User, now: datetime) -> "QuerySet[Resource]":
    """The instruments that the filters leave, by name."""
    shown = Resource.objects.filter(shown_to(viewer, now=now))
    found = with_outage(shown.select_related("resource_type").order_by("name"), now=now)
    if word := request.GET.get("q", "").replace("\x00", "").strip()[:100]:
        found = found.filter(
            Q(name__icontains=word) | Q(location__icontains=word) | Q(code__iexact=word)
        )
    if kind := request.GET.get("type"):
        found = found.filter(resource_type=meant_type(kind))
    if request.GET.get("favourites"):
        found = found.filter(favoured_by__user=viewer)
    return found


def _timeline(
    shown: Shown,
    resources: list[Resource],
    entries: list[CalendarEntry],
    opened: dict[int, list[Period]],
    now: datetime,
) -> Timeline:
    busy = [Period(each.start_time, each.end_time) for each in entries if each.kind == "booking"]
    for periods in opened.values():
        busy += periods
    axis = make_axis(first=shown.first, days=shown.days, zone=active_zone(), busy=busy)
    return build_timeline(
        axis=axis,
        resources=resources,
        entries=entries,
        open_periods=opened,
        now=now,
        cell=DAY_CELL if shown.days == 1 else None,
    )


def _interactive(viewer: User, shown: Shown, timeline: Timeline) -> dict[str, Any]:
    """What the calendar's script needs to draw the same rows and days."""
    first = timeline.axis.days[0]
    opens, closes = (moment.astimezone(active_zone()) for moment in (first.start, first.end))
    blank = UUID(int=0)
    return {
        "view": shown.view,
        "date": shown.first.isoformat(),
        "from": shown.window.start.isoformat(),
        "to": shown.window.end.isoformat(),
        "zone": active_zone().key,
        "hour12": viewer.preferences.time_format == TimeFormat.HOURS_12,
        "opens": f"{opens:%H:%M}",
        "closes": f"{closes:%H:%M}" if closes.date() == opens.date() else "24:00",
        "resources": [
            {"id": str(row.resource.public_id), "name": row.resource.name} for row in timeline.rows
        ],
        "feed": "/api/v1/calendar",
        "form": reverse("booking:booking_new"),
        "booking": reverse("booking:booking_detail", args=[blank]),
        "blank": str(blank),
        "assets": {
            "script": static("vendor/event-calendar/event-calendar.min.js"),
            "style": static("vendor/event-calendar/event-calendar.min.css"),
        },
    }


def _agenda(
    shown: Shown,
    resource: Resource,
    entries: list[CalendarEntry],
    opened: dict[int, list[Period]],
    now: datetime,
) -> list[AgendaDay]:
    return agenda(
        resource=resource,
        entries=[entry for entry in entries if entry.resource_key == resource.pk],
        open_periods=opened.get(resource.pk, []),
        window=shown.window,
        zone=active_zone(),
        now=now,
    )


def _focus(request: HttpRequest, resources: list[Resource]) -> Resource | None:
    """The instrument that a phone shows: the one that was asked for, or the first."""
    wanted = request.GET.get("focus", "")
    return next((each for each in resources if each.code == wanted), None) or next(
        iter(resources), None
    )


def _links(request: HttpRequest, shown: Shown) -> dict[str, str]:
    step = timedelta(days=shown.days)
    return {
        "previous": query_with(request, date=shown.first - step),
        "today": query_with(request, date=None),
        "next": query_with(request, date=shown.first + step),
        "day": query_with(request, view=None, date=shown.first),
        "week": query_with(request, view="week", date=shown.first),
        "list": query_with(request, **{"as": "list"}),
        "timeline": query_with(request, **{"as": None}),
    }
