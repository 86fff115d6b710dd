"""Time-first: what is free when."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from booking.forms.bookings import POOL_PREFIX
from booking.forms.find_time import LENGTHS, LONGEST_SEARCH, TYPE_PREFIX, FindTimeForm
from booking.models import Course
from booking.queries.choices import bookable_choices, offered_types
from booking.queries.free_slots import FreeSlot, free_slots
from booking.queries.prices import Cost, costs_of
from booking.queries.qualifications import required_standings
from booking.services.demand import record_fruitless_search
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now
from labitory.lib.http import lab_zone
from labitory.lib.periods import Period
from labitory.lib.text import say_minutes

MOST_RESULTS = 30
MOST_PER_RESOURCE = 4
USUAL_MINUTES = "60"


class Result(NamedTuple):
    """A free stretch, where a booking of the wanted length would end, and what it would cost.

    And what the reader lacks for it.
    """

    free: FreeSlot
    end: datetime
    cost: Cost
    lacking: list[Course]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def find_time(request: HttpRequest) -> HttpResponse:
    """Search by POST, which notes a search that found nothing; show the result by its address."""
    now, user = clock_now(), reader(request)
    if request.method == "POST":
        form = FindTimeForm(request.POST, now=now)
        if not form.is_valid():
            return _page(request, form, None, status=422)
        # What is free to others with the training is no unserved wish.
        if not _search(form, user, now) and not form.cleaned_data["trained"]:
            _record(form, user, now)
        return redirect(f"{reverse('booking:find_time')}?{form.as_query()}#results")
    form = FindTimeForm(_asked(request), now=now)
    found = _search(form, user, now) if form.is_valid() else None
    return _page(request, form, found, status=422 if form.is_bound and form.errors else 200)


def _asked(request: HttpRequest) -> QueryDict | None:
    """The search of an address; one that says only what is wanted means an hour of it."""
    if not any(name in request.GET for name in FindTimeForm.base_fields):
        return None
    asked = request.GET.copy()
    asked.setdefault("minutes", USUAL_MINUTES)
    return asked


def _search(form: FindTimeForm, user: User, now: datetime) -> list[FreeSlot]:
    untrained: list[UUID] = []
    if form.cleaned_data["trained"]:
        known = required_standings(user=user, today=_today(now))
        untrained = [each for each, found in known.items() if not all(s.counts for s in found)]
    return free_slots(
        user=user,
        now=now,
        window=form.window,
        minimum=form.minimum,
        resource_ids=[resource.public_id for resource in form.resources] or None,
        type_id=form.type.public_id if form.type else None,
        pool_id=form.pool.public_id if form.pool else None,
        except_ids=untrained,
        weekdays=form.days,
        hours=form.hours,
        limit=MOST_RESULTS,
        per_resource=MOST_PER_RESOURCE,
    )


def _results(found: list[FreeSlot], user: User, length: timedelta, now: datetime) -> list[Result]:
    """Each free stretch with its cost, and the courses that the reader would have to pass."""
    wanted = {slot.resource_id for slot in found}
    known = required_standings(user=user, today=_today(now), resource_ids=wanted) if found else {}
    times: dict[UUID, list[Period]] = defaultdict(list)
    for slot in found:
        times[slot.resource_id].append(Period(slot.start_time, slot.start_time + length))
    costs = {key: iter(each) for key, each in costs_of(user=user, wishes=times).items()}
    return [
        Result(
            slot,
            slot.start_time + length,
            next(costs[slot.resource_id]),
            [
                each.course
                for each in known.get(slot.resource_id, ())
                if not each.counts_on(slot.start_time.date())
            ],
        )
        for slot in found
    ]


def _today(now: datetime) -> date:
    return now.astimezone(lab_zone()).date()


def _record(form: FindTimeForm, user: User, now: datetime) -> None:
    record_fruitless_search(
        user=user,
        window=form.window,
        minutes=form.cleaned_data["minutes"],
        now=now,
        resource_ids=[resource.public_id for resource in form.resources],
        type_id=form.type.public_id if form.type else None,
        pool_id=form.pool.public_id if form.pool else None,
    )


def _page(
    request: HttpRequest, form: FindTimeForm, found: list[FreeSlot] | None, *, status: int = 200
) -> HttpResponse:
    chosen = [str(word) for word in form["what"].value() or [] if word]
    minutes = str(form["minutes"].value() or USUAL_MINUTES)
    context: dict[str, Any] = {
        "form": form,
        "choices": bookable_choices(
            viewer=reader(request),
            now=clock_now(),
            wanted=[word for word in chosen if ":" not in word],
        ),
        "types": [(f"{TYPE_PREFIX}{each.public_id}", each.name) for each in offered_types()],
        "pool_prefix": POOL_PREFIX,
        "chosen": chosen,
        "minutes": minutes,
        "lengths": _lengths(minutes),
        "has_instruments": any(word and ":" not in word for word in chosen),
        "found": found,
        "is_cut": len(found or []) == MOST_RESULTS,
        "results": _results(found, reader(request), form.minimum, clock_now()) if found else [],
        "offers": _wider(form) if found == [] else [],
    }
    return render(request, "booking/find_time/find_time.html", context, status=status)


def _lengths(chosen: str) -> list[tuple[str, str]]:
    """The lengths to choose from, with the one that was asked for."""
    known = {*LENGTHS, *([int(chosen)] if chosen.isdecimal() and len(chosen) < 6 else [])}  # noqa: PLR2004
    return [(str(n), say_minutes(n)) for n in sorted(known)]


def _wider(form: FindTimeForm) -> list[tuple[str, str]]:
    """Ways to ask for less: an address and its words each."""
    cleaned = form.cleaned_data
    offers = []
    if form.days or form.hours:
        query = form.as_query(weekdays="", hour_from="", hour_until="")
        offers.append((query, _("On any day, at any hour")))
    further = min(form.last + timedelta(days=28), form.first + LONGEST_SEARCH)
    if further > form.last:
        offers.append((form.as_query(until_date=further), _("Four weeks further ahead")))
    half = cleaned["minutes"] // 2
    if half >= LENGTHS[0]:
        words = _("Half as long: %(length)s") % {"length": say_minutes(half)}
        offers.append((form.as_query(minutes=half), words))
    if cleaned["trained"]:
        offers.append((form.as_query(trained=""), _("Also what needs a course first")))
    if cleaned["what"]:
        offers.append((form.as_query(what=""), _("On any instrument")))
    return offers
