"""The shared steps of making and moving bookings."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import ClaimKind, Outcome, Status
from booking.errors import BookingRefused, Refusal, SlotTaken, unknown_resources
from booking.models import Booking, BookingDecision, Resource
from booking.permissions import can_book_unasked
from booking.queries.facts import TimeFacts, build_request, load_resources, sane_window
from booking.rules import check_booking
from booking.rules.approvals import ApprovalPlan, plan_approval
from booking.rules.request import BookingRequest, OwnBooking
from booking.services._claims import TimeWish, release_holds
from booking.services._missed import free_missed
from labitory.lib.periods import Period

# Acts at the instrument: they begin, or began, at any minute.
_AT_ONCE = frozenset({"start_now", "extend"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDetails:
    """What a booking says besides who, where and when."""

    purpose: str = ""
    notes: str = ""
    seats: int = 1
    # None leaves those of an existing booking as they are.
    attendee_ids: tuple[UUID, ...] | None = None
    # What it is charged to; None is nothing.
    project_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """A client's name for one request, and the digest of what it asked."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who wants what, as the adapter heard it."""

    actor: User
    user: User
    resource_ids: tuple[UUID, ...]
    period: Period
    now: datetime
    details: BookingDetails
    override: str = ""
    action: str = "create"
    # Whether this alone is told; of an act on many their maker tells once.
    is_told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One resource of a wish with what the rules said about it."""

    resource: Resource
    request: BookingRequest
    refusals: tuple[Refusal, ...]
    overridden: tuple[Refusal, ...]
    # Who is asked before it stands; nobody where the actor may approve there.
    approval: ApprovalPlan = field(default_factory=ApprovalPlan)

    @property
    def claims_time(self) -> bool:
        """Whether the booking takes its time at once, or only when it is approved."""
        return self.approval.holds_slot or not self.approval.is_needed

    @property
    def outcome(self) -> Outcome:
        """How it was decided."""
        if self.refusals:
            return Outcome.REFUSED
        return Outcome.OVERRIDDEN if self.overridden else Outcome.ALLOWED


def find_resources(wish: Wish) -> list[Resource]:
    """The wished resources in the wished order; an unknown one refuses the whole wish."""
    found = {
        resource.public_id: resource
        for resource in load_resources(
            user=wish.user,
            window=sane_window(wish.period, wish.now),
            now=wish.now,
            public_ids=wish.resource_ids,
            project_id=wish.details.project_id,
        )
    }
    missing = [key for key in wish.resource_ids if key not in found]
    if missing or not wish.resource_ids or len(set(wish.resource_ids)) < len(wish.resource_ids):
        raise unknown_resources(missing)
    return [found[key] for key in wish.resource_ids]


def decide(
    wish: Wish,
    resources: Sequence[Resource],
    time_facts: TimeFacts,
    existing: Booking | None = None,
) -> list[Decided]:
    """Ask the rules about every resource of the wish; an override lifts what may be lifted."""
    decided: list[Decided] = []
    siblings: tuple[OwnBooking, ...] = ()
    for resource in resources:
        request = build_request(
            resource=resource,
            time_facts=time_facts,
            actor=wish.actor,
            user=wish.user,
            period=wish.period,
            now=wish.now,
            seats=wish.details.seats,
            existing=existing,
            siblings=siblings,
            project_id=wish.details.project_id,
            starts_at_once=wish.action in _AT_ONCE,
        )
        found = check_booking(request)
        # Whether this actor may override here was asked before.
        lifted = [each for each in found if wish.override and each.is_overridable]
        decided.append(
            Decided(
                resource=resource,
                request=request,
                refusals=tuple(each for each in found if each not in lifted),
                overridden=tuple(lifted),
                approval=ApprovalPlan()
                if can_book_unasked(wish.actor, resource, existing)
                else plan_approval(request),
            )
        )
        # Limits see the whole of one request; being in several places at once is its purpose.
        siblings = (*siblings, request.asked)
    return decided


def require_allowed(decided: Sequence[Decided]) -> None:
    """Raise with all refusals of all resources, told apart by name where there are several."""
    refusals = [refusal for each in decided for refusal in each.refusals]
    if refusals:
        unique = list({(each.code, each.text): each for each in refusals}.values())
        is_taken = any(each.code.startswith("conflict.") for each in unique)
        raise SlotTaken(unique) if is_taken else BookingRefused(unique)


def clear_holds(decided: Sequence[Decided]) -> None:
    """Remove expired holds, and the user's own, that stand where the wish wants to go.

    What nobody came for in time goes the same way: it is marked as missed.
    """
    in_the_way = [
        (claim, each.request)
        for each in decided
        for claims in (each.request.resource.claims, *each.request.resource.linked_claims.values())
        for claim in claims
        if claim.during.overlaps(each.request.claimed)
    ]
    ids = {
        claim.hold_id
        for claim, request in in_the_way
        if claim.hold_id is not None
        and (claim.is_expired(request.now) or claim.hold_user_id == request.user.id)
    }
    release_holds(sorted(ids))
    missed = {
        claim.booking_id
        for claim, request in in_the_way
        if claim.booking_id is not None and claim.is_expired(request.now)
    }
    if missed:
        free_missed(sorted(missed), now=decided[0].request.now)


def time_wishes(decided: Sequence[Decided]) -> list[TimeWish]:
    """The claims of all decided resources and of what is linked to them, in key order."""
    wishes: list[TimeWish] = []
    for place, each in enumerate(decided, 1):
        resource, request = each.request.resource, each.request
        own = TimeWish(
            place=place,
            resource_id=resource.id,
            during=request.claimed,
            seats=request.seats,
            capacity=resource.capacity,
        )
        wishes.append(own)
        wishes.extend(
            replace(
                own,
                resource_id=linked.id,
                seats=min(request.seats, linked.capacity),
                capacity=linked.capacity,
                kind=ClaimKind.LINKED,
            )
            for linked in resource.linked
        )
    return sorted(wishes, key=lambda wish: wish.resource_id)


def claimed_wishes(decided: Sequence[Decided]) -> list[TimeWish]:
    """The claims of those that do not wait for an approval that leaves their time free."""
    return [wish for wish in time_wishes(decided) if decided[wish.place - 1].claims_time]


def taken(resources: Sequence[Resource]) -> SlotTaken:
    """The database's last no, in words."""
    names = ", ".join(resource.name for resource in resources)
    return SlotTaken(
        [
            Refusal(
                code="conflict.lost_race",
                text=_("Somebody else has just taken that time of %(resources)s: choose another.")
                % {"resources": names},
                field="start_time",
            )
        ]
    )


def first_status(decided: Decided) -> Status:
    """Pending where somebody must be asked first."""
    return Status.PENDING if decided.approval.is_needed else Status.CONFIRMED


def write_decisions(
    wish: Wish, decided: Sequence[Decided], bookings: Sequence[Booking | None]
) -> None:
    """Keep how each resource of the wish was decided, with the rules that spoke."""
    BookingDecision.objects.bulk_create(decisions_of(wish, decided, bookings))


def decisions_of(
    wish: Wish, decided: Sequence[Decided], bookings: Sequence[Booking | None]
) -> list[BookingDecision]:
    """The same for who writes it with the other rows of the act."""
    return [
        BookingDecision(
            at=wish.now,
            outcome=each.outcome,
            action=wish.action,
            actor=wish.actor,
            user=wish.user,
            resource=each.resource,
            booking=booking,
            start_time=wish.period.start,
            end_time=wish.period.end,
            trace=[
                *(trace_entry(refusal, overridden=True) for refusal in each.overridden),
                *(trace_entry(refusal, overridden=False) for refusal in each.refusals),
            ],
            reason=wish.override[:500],
        )
        for each, booking in zip(decided, bookings, strict=True)
    ]


def trace_entry(refusal: Refusal, *, overridden: bool) -> dict[str, object]:
    """One rule's word in the trace of a decision."""
    entry = asdict(refusal)
    return {
        "code": entry["code"],
        "text": entry["text"],
        "facts": dict(entry["facts"]),
        "overridden": overridden,
    }
