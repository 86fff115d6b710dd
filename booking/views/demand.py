"""The demand ledger: what people wished for and did not get."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import WEEKDAYS_ABBR
from django.views.decorators.http import require_safe

from accounts.access import needs
from booking.enums import DemandSource
from booking.queries.choices import offered_types
from booking.queries.demand import (
    REASONS,
    DemandFilters,
    demand_by_reason,
    demand_by_resource,
    demand_by_source,
    demand_by_type,
    demand_entries,
    say_reason,
)
from booking.queries.demand_hours import demand_by_hour
from booking.views._pages import page_of, query_with, reader
from labitory.lib.clock import now as clock_now

PAGE_SIZE = 25
# Instruments and types: those with the most wishes stand beside why, and when follows.
GROUPS_SHOWN = 12
SPANS = (7, 30, 90)
USUAL_SPAN = 30
LONGEST_CODE = 60
VIEWS = {"resource": demand_by_resource, "type": demand_by_type, "wish": demand_entries}


@needs("demand.view")
@require_safe
def demand(request: HttpRequest) -> HttpResponse:
    """Unserved wishes by instrument or type, by reason and source; all filters in the address."""
    shown = request.GET.get("by", "")
    shown = shown if shown in VIEWS else "resource"
    days = _span(request)
    code = request.GET.get("code", "").replace("\x00", "")[:LONGEST_CODE]
    now = clock_now()
    filters = DemandFilters(
        viewer=reader(request),
        since=now - timedelta(days=days),
        source=request.GET.get("source", ""),
        code=code,
        type_id=_uuid(request.GET.get("type", "")),
        resource_id=_uuid(request.GET.get("resource", "")),
    )
    sources = demand_by_source(filters)
    page = page_of(request, VIEWS[shown](filters), PAGE_SIZE if shown == "wish" else GROUPS_SHOWN)
    context = {
        "page": page,
        "lines": [(each, [say_reason(code) for code in each.codes]) for each in page.object_list]
        if shown == "wish"
        else page.object_list,
        "by": shown,
        "heat": demand_by_hour(filters, now=now),
        "weekdays": [str(WEEKDAYS_ABBR[day]) for day in range(len(WEEKDAYS_ABBR))],
        "days": days,
        "spans": SPANS,
        "sources": sources,
        "reasons": demand_by_reason(filters),
        "wishes": sum(each.wishes for each in sources),
        "hours": sum(each.hours for each in sources),
        "source_choices": DemandSource.choices,
        "reason_choices": [(key, str(words)) for key, words in REASONS.items()],
        "types": offered_types(),
        "tabs": {name: query_with(request, by=name, page=None) for name in VIEWS},
        "is_filtered": bool(filters.source or code or filters.type_id or filters.resource_id),
    }
    return render(request, "booking/demand/list.html", context)


def _span(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, SPANS) else USUAL_SPAN


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
