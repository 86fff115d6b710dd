"""What a rule may know: frozen facts, gathered before any rule is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.enums import Role
from booking.enums import (
    ApprovalMode,
    ApproverKind,
    ClaimKind,
    Limit,
    Measure,
    Needed,
    QuotaHolder,
    QuotaPeriod,
)
from booking.rules.prices import PriceFacts, cost_of
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as far as rules care."""

    id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBooking:
    """A live booking of the person who wants to book."""

    id: int
    resource_id: int
    resource_name: str
    period: Period
    type_id: int = 0
    # What was booked in the same act, and the linked resources that a sibling occupies besides.
    group_id: UUID | None = None
    linked_ids: frozenset[int] = frozenset()
    # Whether the ledger of quotas knows it, and of a sibling the quotas that would count it.
    is_counted: bool = False
    quota_ids: frozenset[int] = frozenset()
    # What a sibling would cost; None: it has no price.
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Claimed time on the resource. `label` says as much as the asker may know."""

    kind: ClaimKind
    booking_id: int | None
    during: Period
    label: str
    hold_id: int | None = None
    hold_user_id: int | None = None
    hold_expires_at: datetime | None = None
    # The seat it takes, or None for all of them.
    seat: int | None = None

    def is_expired(self, now: datetime) -> bool:
        """Whether it is a hold whose time has run out, or a booking that nobody came for."""
        return self.hold_expires_at is not None and self.hold_expires_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedResource:
    """Another resource that a booking occupies as well."""

    id: int
    name: str
    is_active: bool
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFacts:
    """A course that the resource asks for, and what the person has of it."""

    public_id: UUID
    title: str
    # Whoever gives it knows it.
    teaches: bool = False
    # The last result that was not revoked; None: never passed.
    passed_on: date | None = None
    # The last day on which it counts; None: for ever.
    expires_on: date | None = None
    # Unused for so many days it lapses; None: never.
    decay_days: int | None = None
    used_at: datetime | None = None
    # The next session with a free seat.
    session_id: UUID | None = None
    session_start: datetime | None = None
    # The session that the person is signed up for, or waits for.
    seat_session_id: UUID | None = None
    seat_start: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentFacts:
    """The person's approved risk assessment of work on the resource."""

    # The last day on which it counts; None: for ever.
    review_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFacts:
    """What is wrong with the resource: the fault for which it cannot be used, or a lesser one."""

    public_id: UUID
    title: str
    # Whether the resource cannot be used.
    blocks: bool = True
    # When it is expected back; None: nobody knows.
    back_at: datetime | None = None
    # The name of the linked resource that has it; empty: the resource itself.
    of_linked: str = ""

    def is_blocking(self, now: datetime) -> bool:
        """Whether the resource cannot be used at this moment."""
        return self.blocks and (self.back_at is None or self.back_at > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFacts:
    """One step of a policy of approval: who is asked, and for which bookings."""

    approver: ApproverKind
    needed: Needed
    role: str = ""
    person_id: int | None = None
    # Asked only above these; None asks always.
    over_minutes: int | None = None
    over_cost: Decimal | None = None
    outside_hours: bool = False
    # Whose bookings it is asked for; empty for everybody's.
    for_roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFacts:
    """The policy of approval in force for the person on the resource."""

    id: int
    mode: ApprovalMode
    holds_slot: bool
    answer_hours: int
    over_minutes: int | None = None
    outside_hours: bool = False
    first_booking: bool = False
    tiers: tuple[TierFacts, ...] = ()
    # Bookings of the person there that stood, or stand: two tell whether there is another.
    earlier_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is on a quota's account, without the booking that is being moved."""

    starts_on: date
    carried: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    used: Decimal = Decimal(0)
    # Whether what was left of the period before was carried into it already.
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaFacts:
    """A quota that would count the booking, and the key of who shares it."""

    id: int
    public_id: UUID
    name: str
    measure: Measure
    amount: Decimal
    period: QuotaPeriod
    rolling_days: int | None
    holder: QuotaHolder
    holder_id: int
    carry_percent: int
    overdraft: Decimal
    grab_hours: int | None
    counts_no_shows: bool
    created_at: datetime
    # Those within the window of the request, with the one before it.
    accounts: tuple[AccountFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFacts:
    """One resource and its time within the window of the request."""

    id: int
    public_id: UUID
    name: str
    type_id: int
    zone: ZoneInfo
    slot_minutes: int
    setup: timedelta
    cleanup: timedelta
    capacity: int
    is_active: bool
    closed_reason: str
    requires_access: bool
    requires_approval: bool
    has_access: bool
    access_expires_at: datetime | None
    linked: tuple[LinkedResource, ...] = ()
    # Merged opening hours within the window; None: always open.
    open_periods: tuple[Period, ...] | None = None
    limits: Mapping[Limit, int] = field(default_factory=dict)
    # Where the row of each limit stands: "resource", "type" or "all".
    scopes: Mapping[Limit, str] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    # Claims on the linked resources, by their id.
    linked_claims: Mapping[int, tuple[Claim, ...]] = field(default_factory=dict)
    courses: tuple[CourseFacts, ...] = ()
    requires_assessment: bool = False
    assessment: AssessmentFacts | None = None
    fault: FaultFacts | None = None
    approval: ApprovalFacts | None = None
    quotas: tuple[QuotaFacts, ...] = ()
    # Those that may count for who pays, within the window of the request.
    prices: tuple[PriceFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What a booking shall be charged to; of a project that is not the person's nothing is told."""

    id: int
    public_id: UUID
    name: str
    code: str
    is_member: bool
    is_active: bool
    starts_on: date
    ends_on: date | None
    # Whether it may be charged for the resource of the request.
    covers_resource: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequest:
    """Everything that decides whether one resource may be booked for one period."""

    actor: Person
    user: Person
    resource: ResourceFacts
    period: Period
    now: datetime
    seats: int = 1
    # The booking that is being moved: it does not stand in its own way.
    existing: OwnBooking | None = None
    # The user's other live bookings within the window.
    own_bookings: tuple[OwnBooking, ...] = ()
    # What the same request asks for besides, so that limits see the whole of it.
    siblings: tuple[OwnBooking, ...] = ()
    # What it shall be charged to, if to anything.
    project: ProjectFacts | None = None
    # Whoever walks up begins this minute: the start need not lie on the grid.
    starts_at_once: bool = False
    # Whether it would overdraw a quota, within what may be overdrawn.
    over_quota: bool = False

    @property
    def last_moment(self) -> datetime:
        """The last moment within the period: one that ends at midnight ends the day before."""
        return self.period.end - timedelta(microseconds=1)

    @property
    def cost(self) -> Decimal | None:
        """What it would cost; None: it has no price."""
        return cost_of(self.resource.prices, self.period, self.resource.zone)

    @property
    def claimed(self) -> Period:
        """The period with set-up and clean-up."""
        return self.period.widen(self.resource.setup, self.resource.cleanup)

    @property
    def asked(self) -> OwnBooking:
        """What is asked for, as the other requests of the same act see it."""
        return OwnBooking(
            id=0,
            resource_id=self.resource.id,
            type_id=self.resource.type_id,
            resource_name=self.resource.name,
            period=self.period,
            linked_ids=frozenset(linked.id for linked in self.resource.linked),
            quota_ids=frozenset(quota.id for quota in self.resource.quotas),
            cost=self.cost,
        )

    @property
    def others(self) -> tuple[OwnBooking, ...]:
        """The user's other bookings, with the siblings of this request."""
        moved = None if self.existing is None else self.existing.id
        return (*(own for own in self.own_bookings if own.id != moved), *self.siblings)

    def limit(self, which: Limit) -> int | None:
        """The limit in force, or None where there is none."""
        return self.resource.limits.get(which)

    def counted(self, which: Limit) -> tuple[OwnBooking, ...]:
        """The other bookings that a limit counts: those of the resource or type it is set on."""
        scope = self.resource.scopes.get(which, "all")
        if scope == "resource":
            return tuple(own for own in self.others if own.resource_id == self.resource.id)
        if scope == "type":
            return tuple(own for own in self.others if own.type_id == self.resource.type_id)
        return self.others
