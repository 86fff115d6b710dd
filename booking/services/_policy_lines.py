"""What a policy file can say, line by line; places and people by the names that they have."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from booking.enums import (
    ApprovalMode,
    ApproverKind,
    Limit,
    Measure,
    Needed,
    QuotaHolder,
    QuotaPeriod,
)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """A limit for a role or all, on a resource, a type or everywhere."""

    limit: Limit
    role: str = ""
    resource: str = ""
    type: str = ""
    value: int | None
    # Where it stands in the file.
    at: str = field(default="", compare=False)

    @property
    def key(self) -> Key:
        """What there can be only one of."""
        return (self.limit, self.role, self.resource.lower(), self.type.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step of an approval: who is asked, how many must agree, for which bookings."""

    ask: ApproverKind
    role: str = ""
    # A user name.
    person: str = ""
    agree: Needed = Needed.ANY
    over_minutes: int | None = None
    over_cost: Decimal | None = None
    outside_hours: bool = False
    for_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLine:
    """How bookings of a role or all are approved, on a resource, a type or everywhere."""

    name: str
    role: str = ""
    resource: str = ""
    type: str = ""
    mode: ApprovalMode
    holds_slot: bool = True
    answer_hours: int = 72
    over_minutes: int | None = None
    outside_hours: bool = False
    first_booking: bool = False
    steps: tuple[StepLine, ...] = ()
    at: str = field(default="", compare=False)

    @property
    def key(self) -> Key:
        """What there can be only one of."""
        return (self.role, self.resource.lower(), self.type.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """What use costs on a resource or a type, for a price class or everybody else, from a day."""

    resource: str = ""
    type: str = ""
    # The code of a price class.
    price_class: str = ""
    per_hour: Decimal
    per_booking: Decimal = Decimal(0)
    begins: date
    at: str = field(default="", compare=False)

    @property
    def key(self) -> Key:
        """What there can be only one of."""
        return (
            self.resource.lower(),
            self.type.lower(),
            self.price_class,
            self.begins.isoformat(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLine:
    """What people, groups or projects may take in a period, and of what."""

    name: str
    measure: Measure
    amount: Decimal
    period: QuotaPeriod
    rolling_days: int | None = None
    resource: str = ""
    type: str = ""
    pool: str = ""
    shared_by: QuotaHolder = QuotaHolder.USER
    role: str = ""
    # A user name, a group's name, a project's code.
    user: str = ""
    group: str = ""
    project: str = ""
    carry_percent: int = 0
    overdraft: Decimal = Decimal(0)
    grab_hours: int | None = None
    counts_no_shows: bool = True
    at: str = field(default="", compare=False)

    @property
    def key(self) -> Key:
        """What there can be only one of."""
        return (self.name,)
