"""Time that is already somebody's."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import ClaimKind
from booking.errors import Refusal
from booking.rules.registry import rule
from booking.rules.request import BookingRequest, Claim, OwnBooking, ResourceFacts
from labitory.lib.formats import say_time, say_wall, with_zone


@rule("own.overlap", overridable_by=Role.LAB_MANAGER)
def no_own_overlap(request: BookingRequest) -> Refusal | None:
    """A person is in one place at a time: own bookings of other resources do not overlap."""
    for own in request.own_bookings:
        elsewhere = own.resource_id != request.resource.id
        if elsewhere and not _is_same_act(request, own) and own.period.overlaps(request.period):
            return Refusal(
                code="own.overlap",
                text=_(
                    "%(user)s has booked %(other)s from %(start)s to %(end)s: choose another "
                    "time, or cancel that one."
                )
                % {
                    "user": request.user.name,
                    "other": own.resource_name,
                    "start": say_time(own.period.start.astimezone(request.resource.zone).time()),
                    "end": _say_end(own.period.end.astimezone(request.resource.zone)),
                },
                facts={"resource": own.resource_name},
            )
    return None


@rule("seats.too_many")
def enough_seats(request: BookingRequest) -> Refusal | None:
    """A booking takes at most as many seats as the resource has."""
    if 1 <= request.seats <= request.resource.capacity:
        return None
    return Refusal(
        code="seats.too_many",
        text=_("%(resource)s has %(capacity)s seats: ask for between 1 and %(capacity)s.")
        % {"resource": request.resource.name, "capacity": request.resource.capacity},
        facts={"capacity": request.resource.capacity},
        field="seats",
    )


@rule("conflict.taken")
def time_is_free(request: BookingRequest) -> Refusal | None:
    """Nobody else has the time, set-up and clean-up included."""
    resource = request.resource
    blocking = _blocking(request, resource.claims)
    if not _fits(request, blocking, resource.capacity):
        return _refuse(request, resource, blocking)
    sharing = _sharing(request, resource.id)
    if _fits(request, blocking, resource.capacity, sharing):
        return None
    if sharing[0].resource_id == resource.id:
        return _refuse_repeated(request, sharing[0])
    return Refusal(
        code="conflict.taken",
        text=_("%(other)s brings %(resource)s along in the same request: leave one of them out.")
        % {"resource": resource.name, "other": sharing[0].resource_name},
        facts={"label": sharing[0].resource_name},
        field="resource",
    )


@rule("conflict.linked")
def linked_time_is_free(request: BookingRequest) -> Refusal | None:
    """What the booking occupies besides is free as well."""
    for linked in request.resource.linked:
        blocking = _blocking(request, request.resource.linked_claims.get(linked.id, ()))
        if not _fits(request, blocking, linked.capacity):
            claim = blocking[0]
            return Refusal(
                code="conflict.linked",
                text=_("%(linked)s, which %(resource)s needs, is taken (%(label)s) %(when)s.")
                % {
                    "linked": linked.name,
                    "resource": request.resource.name,
                    "label": claim.label,
                    "when": _say(claim, request.resource),
                },
                facts={"linked": linked.name, "label": claim.label},
            )
        sharing = _sharing(request, linked.id)
        if not _fits(request, blocking, linked.capacity, sharing):
            return Refusal(
                code="conflict.linked",
                text=_(
                    "%(resource)s needs %(linked)s, which %(other)s takes in the same request: "
                    "leave one of them out, or book them one after the other."
                )
                % {
                    "linked": linked.name,
                    "resource": request.resource.name,
                    "other": sharing[0].resource_name,
                },
                facts={"linked": linked.name, "label": sharing[0].resource_name},
                field="resource",
            )
    return None


def _is_same_act(request: BookingRequest, own: OwnBooking) -> bool:
    """Whether it is the booking that is moved, or one that was made together with it."""
    moved = request.existing
    if moved is None:
        return False
    return own.id == moved.id or (own.group_id is not None and own.group_id == moved.group_id)


def _sharing(request: BookingRequest, key: int) -> list[OwnBooking]:
    """What else of the same act takes seats on a resource in the same time."""
    resource = request.resource
    return [
        each
        for each in request.siblings
        if key in (each.resource_id, *each.linked_ids)
        and each.period.widen(resource.setup, resource.cleanup).overlaps(request.claimed)
    ]


def _blocking(request: BookingRequest, claims: Iterable[Claim]) -> list[Claim]:
    moved = None if request.existing is None else request.existing.id
    return [
        claim
        for claim in claims
        if claim.during.overlaps(request.claimed)
        and not claim.is_expired(request.now)
        and (moved is None or claim.booking_id != moved)
        and (claim.kind != ClaimKind.HOLD or claim.hold_user_id != request.user.id)
    ]


def _fits(
    request: BookingRequest,
    blocking: list[Claim],
    capacity: int,
    sharing: Sequence[OwnBooking] = (),
) -> bool:
    if any(claim.seat is None for claim in blocking):
        return False
    taken = {claim.seat for claim in blocking}
    wanted = min(request.seats, capacity)
    return capacity - len(taken) >= wanted * (1 + len(sharing))


def _refuse(request: BookingRequest, resource: ResourceFacts, blocking: list[Claim]) -> Refusal:
    first = min(blocking, key=lambda claim: claim.during.start) if blocking else None
    label = first.label if first else ""
    when = _say(first, resource) if first else ""
    return Refusal(
        code="conflict.taken",
        text=_("%(resource)s is taken (%(label)s) %(when)s: choose one of the free times.")
        % {"resource": resource.name, "label": label, "when": when},
        facts={
            "label": label,
            "taken": [
                {
                    "start_time": claim.during.start.isoformat(),
                    "end_time": claim.during.end.isoformat(),
                    "kind": claim.kind.name.lower(),
                }
                for claim in blocking[:5]
            ],
        },
    )


def _refuse_repeated(request: BookingRequest, other: OwnBooking) -> Refusal:
    start = other.period.start.astimezone(request.resource.zone)
    return Refusal(
        code="conflict.taken",
        text=_(
            "Another one of the same series takes %(resource)s from %(start)s: make it shorter, "
            "or let it repeat less often."
        )
        % {"resource": request.resource.name, "start": say_wall(start)},
        facts={"label": request.resource.name, "start_time": other.period.start.isoformat()},
        field="end_time",
    )


def _say_end(end: datetime) -> str:
    return with_zone(say_time(end.time()), end)


def _say(claim: Claim, resource: ResourceFacts) -> str:
    start = claim.during.start.astimezone(resource.zone)
    end = claim.during.end.astimezone(resource.zone)
    last = say_time(end.time()) if start.date() == end.date() else say_wall(end)
    return _("from %(start)s to %(end)s") % {"start": say_wall(start), "end": with_zone(last, end)}
