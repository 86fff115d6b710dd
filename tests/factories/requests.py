"""Booking requests for the pure rules: no database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.enums import Role
from booking.enums import ClaimKind, Limit
from booking.rules.request import BookingRequest, Claim, OwnBooking, Person, ResourceFacts
from labitory.lib.periods import Period

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
ADA = Person(id=1, name="Ada", role=Role.STUDENT)
HOUR = timedelta(hours=1)


def span(start: float, end: float) -> Period:
    """The period from so many hours after `NOW` until so many."""
    return Period(NOW + start * HOUR, NOW + end * HOUR)


def facts(**changes: Any) -> ResourceFacts:
    """A resource that refuses nothing."""
    plain: dict[str, Any] = {
        "id": 10,
        "public_id": UUID(int=10),
        "name": "Confocal 1",
        "type_id": 1,
        "zone": ZONE,
        "slot_minutes": 15,
        "setup": timedelta(0),
        "cleanup": timedelta(0),
        "capacity": 1,
        "is_active": True,
        "closed_reason": "",
        "requires_access": False,
        "requires_approval": False,
        "has_access": False,
        "access_expires_at": None,
    }
    return ResourceFacts(**{**plain, **changes})


def ask(period: Period | None = None, **changes: Any) -> BookingRequest:
    """Ada's request for an hour in an hour; resource facts by their names, limits as `limits`."""
    names = set(ResourceFacts.__dataclass_fields__)
    of_resource = {name: value for name, value in changes.items() if name in names}
    of_request = {name: value for name, value in changes.items() if name not in names}
    plain: dict[str, Any] = {"actor": ADA, "user": ADA, "now": NOW}
    return BookingRequest(
        **{
            **plain,
            "resource": facts(**of_resource),
            "period": period or span(1, 2),
            **of_request,
        }
    )


def limited(
    limit: Limit, value: int, period: Period | None = None, **changes: Any
) -> BookingRequest:
    """A request under one limit."""
    return ask(period, limits={limit: value}, **changes)


def own(period: Period, **changes: Any) -> OwnBooking:
    """One of Ada's other bookings, on another resource unless told."""
    plain: dict[str, Any] = {"id": 5, "resource_id": 20, "resource_name": "NMR"}
    return OwnBooking(**{**plain, "period": period, **changes})


def claim(period: Period, **changes: Any) -> Claim:
    """A rival's claim on seat 0."""
    plain: dict[str, Any] = {"kind": ClaimKind.BOOKING, "booking_id": 7, "label": "Ben", "seat": 0}
    return Claim(**{**plain, "during": period, **changes})
