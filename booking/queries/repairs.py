"""What would be legal instead: the nearest earlier, later, shorter and other bookings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import User
from booking.enums import Limit
from booking.errors import Repair
from booking.models import Booking, Resource
from booking.queries.facts import (
    TimeFacts,
    around,
    build_request,
    load_resources,
    load_time,
    load_with_similar,
)
from booking.rules import check_booking, check_waiting
from booking.rules.conflicts import time_is_free
from booking.rules.periods import next_on_grid
from booking.rules.request import BookingRequest, Claim, OwnBooking
from labitory.lib.periods import Period

_BACK = timedelta(days=7)
_AHEAD = timedelta(days=14)
# Enough to look past any real day; a bound so that nothing absurd is searched for long.
_MOST_CHECKS = 150
_MOST_ALTERNATIVES = 40
# Of one occurrence among many.
_MOST_NEAREST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as its asker made it, for one or more resources at once."""

    actor: User
    user: User
    resource_ids: Sequence[UUID]
    period: Period
    now: datetime
    seats: int = 1
    existing: Booking | None = None
    project_id: UUID | None = None
    # Whether what is held for the person already is to be left to them besides.
    keeps_holds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """What would be legal instead, and the asked resources as they were found meanwhile."""

    resources: tuple[Resource, ...]
    repairs: tuple[Repair, ...]


def wide_window(period: Period, now: datetime) -> Period:
    """The time in which repairs are looked for."""
    start = max(now, min(period.start, now + timedelta(days=730)))
    return Period(max(now, start - _BACK) - timedelta(days=1), start + _AHEAD)


def suggest_repairs(asked: Asked) -> Suggested:
    """Up to one earlier, one later, one shorter booking and one on another resource.

    Each passes every rule as things stand; several resources asked at once move together.
    """
    window, near = wide_window(asked.period, asked.now), around(_sane(asked.period))
    resources, others = _load(asked, window)
    if len(resources) < len(asked.resource_ids) or not resources:
        return Suggested(resources=(), repairs=())
    facts = load_time(
        resources=resources,
        actor=asked.actor,
        user=asked.user,
        window=window,
        now=asked.now,
        others=others,
        others_window=near,
        existing=asked.existing,
    )
    if asked.keeps_holds:
        facts = replace(facts, claims=_as_of_others(facts.claims))
    requests = [_request(asked, resource, facts, _sane(asked.period)) for resource in resources]
    found = [*_moved(requests), *_shorter(requests)]
    found += _elsewhere(asked, others, replace(facts, window=near))
    return Suggested(resources=tuple(resources), repairs=tuple(found))


def nearest_time(request: BookingRequest, within: Period) -> Period | None:
    """The legal time of the same length on the same resource that begins nearest, as facts go.

    Nothing outside of the period, of which the request must know all; None where no other time
    would mend what refuses it.
    """
    if check_waiting(request):
        return None
    start, length = request.period.start, request.period.length
    starts = {next_on_grid(request, each) for each in _starts(request, length)}
    near = sorted(
        (each for each in starts if each >= request.now and each != start),
        key=lambda each: (abs(each - start), each),
    )
    asked = 0
    for each in near:
        moved = replace(request, period=Period(each, each + length))
        if not within.contains(moved.period) or time_is_free.ask(moved) is not None:
            continue
        if not check_booking(moved):
            return moved.period
        asked += 1
        if asked == _MOST_NEAREST:
            break
    return None


def _as_of_others(claims: Mapping[int, tuple[Claim, ...]]) -> dict[int, tuple[Claim, ...]]:
    """The claims as if none of the holds were the person's own: they give way to nothing."""
    return {
        key: tuple(replace(claim, hold_user_id=None) for claim in found)
        for key, found in claims.items()
    }


def _load(asked: Asked, window: Period) -> tuple[list[Resource], list[Resource]]:
    """The asked resources, and where one alone is asked those that could stand in for it."""
    ids = list(asked.resource_ids)
    if len(ids) > 1:
        found = load_resources(
            user=asked.user,
            window=window,
            now=asked.now,
            public_ids=ids,
            project_id=asked.project_id,
        )
        return found, []
    if not ids:
        return [], []
    found = load_with_similar(
        user=asked.user,
        window=window,
        now=asked.now,
        public_id=ids[0],
        project_id=asked.project_id,
    )
    others = [each for each in found if each.public_id != ids[0]]
    others.sort(key=lambda each: each.name)
    return [each for each in found if each.public_id == ids[0]], others[:_MOST_ALTERNATIVES]


def _request(asked: Asked, resource: Resource, facts: TimeFacts, period: Period) -> BookingRequest:
    return build_request(
        resource=resource,
        time_facts=facts,
        actor=asked.actor,
        user=asked.user,
        period=period,
        now=asked.now,
        seats=min(asked.seats, resource.capacity),
        existing=asked.existing,
        project_id=asked.project_id,
    )


def _sane(period: Period) -> Period:
    if timedelta(0) < period.length <= _AHEAD:
        return period
    return Period(period.start, period.start + timedelta(hours=1))


def _moved(requests: Sequence[BookingRequest]) -> list[Repair]:
    first = requests[0]
    length, start = first.period.length, first.period.start
    starts = {
        moment
        for request in requests
        for near in _starts(request, length)
        if (moment := next_on_grid(request, near)) >= request.now
    }
    earlier = sorted((each for each in starts if each < start), reverse=True)
    later = sorted(each for each in starts if each > start)
    found = []
    for kind, candidates in (("earlier", earlier), ("later", later)):
        periods = (Period(each, each + length) for each in candidates[:_MOST_CHECKS])
        period = next((each for each in periods if _is_legal(requests, each)), None)
        if period is not None:
            found.append(_repair(kind, first, period))
    return found


def _starts(request: BookingRequest, length: timedelta) -> Iterable[datetime]:
    """Where a booking of this length could begin: beside whatever ends or begins near by."""
    resource = request.resource
    start = request.period.start
    yield request.now
    yield request.now + timedelta(minutes=request.limit(Limit.LEAD_TIME) or 0)
    linked = [claim for claims in resource.linked_claims.values() for claim in claims]
    for claim in (*resource.claims, *linked):
        yield claim.during.end + resource.setup
        yield claim.during.start - resource.cleanup - length
    for own in request.others:
        pause = timedelta(minutes=request.limit(Limit.GAP) or 0)
        yield own.period.end + pause
        yield own.period.start - length - pause
    for period in resource.open_periods or ():
        yield period.start
        yield period.end - length
    for days in range(1, 8):
        yield start + timedelta(days=days)
        yield start - timedelta(days=days)


def _shorter(requests: Sequence[BookingRequest]) -> list[Repair]:
    first = requests[0]
    step = timedelta(minutes=first.resource.slot_minutes)
    longest = first.limit(Limit.MAX_LENGTH)
    end = first.period.end
    if longest is not None:
        end = min(end, first.period.start + timedelta(minutes=longest) + step)
    for _check in range(_MOST_CHECKS):
        end -= step
        if end <= first.period.start:
            return []
        period = Period(first.period.start, end)
        if _is_legal(requests, period):
            return [_repair("shorter", first, period)]
    return []


def _elsewhere(asked: Asked, others: Sequence[Resource], facts: TimeFacts) -> list[Repair]:
    for other in others:
        request = _request(asked, other, facts, _sane(asked.period))
        if _is_legal([request], request.period):
            return [_repair("other_resource", request, request.period)]
    return []


def _is_legal(requests: Sequence[BookingRequest], period: Period) -> bool:
    siblings: tuple[OwnBooking, ...] = ()
    for request in requests:
        moved = replace(request, period=period, siblings=siblings)
        if check_booking(moved):
            return False
        siblings = (*siblings, moved.asked)
    return True


def _repair(kind: str, request: BookingRequest, period: Period) -> Repair:
    return Repair(
        kind=kind,
        resource_id=request.resource.public_id,
        resource_name=request.resource.name,
        start_time=period.start.astimezone(request.resource.zone),
        end_time=period.end.astimezone(request.resource.zone),
    )
