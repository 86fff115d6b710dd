"""Until when somebody who stands at the instrument may have it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import User
from booking.enums import ClaimKind
from booking.errors import Refusal
from booking.models import Booking, Resource
from booking.queries.facts import build_request, load_resources, load_time
from booking.rules import check_booking
from booking.rules.periods import next_on_grid
from booking.rules.request import BookingRequest, Claim
from labitory.lib.periods import Period

# The booking was asked for in time once: staying longer is not asking too late.
ASKED_ONCE = frozenset({"lead.too_soon"})
# How much longer is offered, as far as it is free.
OFFERED_MINUTES = (15, 30, 60, 120, 240)
MOST_OFFERED = 4
_AHEAD = timedelta(hours=26)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleEnds:
    """The ends that are offered, each legal; `refusals` say why where there are none."""

    ends: tuple[datetime, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def ends_for_start(
    *, user: User, resource_id: UUID, now: datetime, loaded: Resource | None = None
) -> PossibleEnds:
    """Until when the person could have the resource, starting this minute.

    `loaded` is the resource as it was loaded for the same person's rules, where that is known.
    """
    start = now.replace(second=0, microsecond=0)
    period = Period(start, start + MINUTE)
    request = _request(user, resource_id, period, now, existing=None, actor=user, loaded=loaded)
    return _offer(request, now)


def ends_for_extension(*, actor: User, booking: Booking, now: datetime) -> PossibleEnds:
    """Until when a booking that is in use could be extended."""
    request = _request(
        booking.user,
        booking.resource.public_id,
        Period(booking.start_time, booking.end_time + MINUTE),
        now,
        existing=booking,
        actor=actor,
    )
    return _offer(request, max(now, booking.end_time))


def free_until(request: BookingRequest) -> datetime | None:
    """Up to when the seats of a request are free from its start on; None: as far as is known.

    Clean-up included: a booking may end then.
    """
    resource = request.resource
    limits = [_free_seats(request, resource.claims, resource.capacity)]
    limits += [
        _free_seats(request, resource.linked_claims.get(linked.id, ()), linked.capacity)
        for linked in resource.linked
    ]
    known = [limit for limit in limits if limit is not None]
    return min(known) - resource.cleanup if known else None


def _free_seats(request: BookingRequest, claims: Iterable[Claim], capacity: int) -> datetime | None:
    """When so many seats are no longer free together; each is free until its first claim."""
    moved = None if request.existing is None else request.existing.id
    until: dict[int, datetime] = {}
    for claim in claims:
        own = claim.kind == ClaimKind.HOLD and claim.hold_user_id == request.user.id
        its_own = moved is not None and claim.booking_id == moved
        if own or its_own or claim.is_expired(request.now):
            continue
        if claim.during.end <= request.claimed.start:
            continue
        for seat in range(capacity) if claim.seat is None else (claim.seat,):
            until[seat] = min(until.get(seat, claim.during.start), claim.during.start)
    wanted = min(request.seats, capacity)
    if capacity - len(until) >= wanted:
        return None
    return sorted(until.values(), reverse=True)[wanted - 1 - (capacity - len(until))]


def _request(
    user: User,
    resource_id: UUID,
    period: Period,
    now: datetime,
    *,
    existing: Booking | None,
    actor: User,
    loaded: Resource | None = None,
) -> BookingRequest:
    window = Period(period.start - _AHEAD, max(now, period.end) + _AHEAD)
    project_id = existing.charged_to if existing else None
    resource = (
        loaded
        or load_resources(
            user=user, window=window, now=now, public_ids=[resource_id], project_id=project_id
        )[0]
    )
    return build_request(
        resource=resource,
        time_facts=load_time(
            resources=[resource],
            actor=actor,
            user=user,
            window=window,
            now=now,
            existing=existing,
        ),
        actor=actor,
        user=user,
        period=period,
        now=now,
        seats=existing.seats if existing else 1,
        existing=existing,
        project_id=project_id,
        starts_at_once=True,
    )


def _offer(request: BookingRequest, start: datetime) -> PossibleEnds:
    limit = free_until(request)
    wanted = [
        next_on_grid(request, start + timedelta(minutes=minutes)) for minutes in OFFERED_MINUTES
    ]
    if limit is not None and start < limit < wanted[-1]:
        wanted.append(_last_on_grid(request, limit))
    ends: list[datetime] = []
    refusals: list[Refusal] = []
    for end in sorted(set(wanted)):
        found = _ask(request, end)
        if not found:
            ends.append(end)
        elif not refusals or len(found) < len(refusals):
            # What only the shortest stay would break stands in nobody's way.
            refusals = found
    return PossibleEnds(ends=tuple(ends[:MOST_OFFERED]), refusals=() if ends else tuple(refusals))


def _last_on_grid(request: BookingRequest, moment: datetime) -> datetime:
    following = next_on_grid(request, moment)
    step = timedelta(minutes=request.resource.slot_minutes)
    return following if following == moment else following - step


def _ask(request: BookingRequest, end: datetime) -> list[Refusal]:
    asked = replace(request, period=Period(request.period.start, end))
    once = ASKED_ONCE if request.existing is not None else frozenset()
    return [each for each in check_booking(asked) if each.code not in once]
