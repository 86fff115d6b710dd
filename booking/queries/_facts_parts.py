"""Columns of JSON that come with a resource, as rules see them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from booking.enums import ApprovalMode, ApproverKind, Measure, Needed, QuotaHolder, QuotaPeriod
from booking.models import Resource
from booking.rules.prices import PriceFacts
from booking.rules.request import (
    AccountFacts,
    ApprovalFacts,
    AssessmentFacts,
    CourseFacts,
    FaultFacts,
    ProjectFacts,
    QuotaFacts,
    TierFacts,
)

# A quota's key and the key of who shares the account.
AccountKey = tuple[int, int]


def json_of(resource: Resource, name: str) -> Any:  # noqa: ANN401 - JSON
    """A column of JSON as it came; null is an empty list."""
    value = getattr(resource, name)
    if value is None:
        return []
    return orjson.loads(value) if isinstance(value, str) else value


def project_facts(resource: Resource, project_id: UUID | None) -> ProjectFacts | None:
    """The project that was asked for; one that does not exist is as good as another's."""
    if project_id is None:
        return None
    found = json_of(resource, "project_json") or {"is_member": False}
    if not found["is_member"]:
        return ProjectFacts(
            id=0,
            public_id=project_id,
            name="",
            code="",
            is_member=False,
            is_active=False,
            starts_on=date.min,
            ends_on=None,
            covers_resource=False,
        )
    ends_on = found.pop("ends_on")
    return ProjectFacts(
        **{
            **found,
            "public_id": UUID(found["public_id"]),
            "starts_on": date.fromisoformat(found["starts_on"]),
            "ends_on": date.fromisoformat(ends_on) if ends_on else None,
        }
    )


def course_facts(resource: Resource) -> tuple[CourseFacts, ...]:
    """The required courses with what the person has of each."""
    return tuple(
        CourseFacts(
            public_id=UUID(row["public_id"]),
            title=row["title"],
            teaches=row["teaches"],
            passed_on=_day(row["passed_on"]),
            expires_on=_day(row["expires_on"]),
            decay_days=row["decay_days"],
            used_at=_moment(row["used_at"]),
            session_id=UUID(row["session_id"]) if row["session_id"] else None,
            session_start=_moment(row["session_start"]),
            seat_session_id=UUID(row["seat_session_id"]) if row["seat_session_id"] else None,
            seat_start=_moment(row["seat_start"]),
        )
        for row in json_of(resource, "courses_json")
    )


def assessment_facts(resource: Resource) -> AssessmentFacts | None:
    """The person's approved risk assessment, where the resource asks for one."""
    found = json_of(resource, "assessment_json")
    return AssessmentFacts(review_on=_day(found["review_on"])) if found else None


def fault_facts(resource: Resource) -> FaultFacts | None:
    """The fault for which it cannot be used, or a lesser one."""
    found = json_of(resource, "fault_json")
    if not found:
        return None
    return FaultFacts(
        public_id=UUID(found["public_id"]),
        title=found["title"],
        blocks=found["blocks"],
        back_at=_moment(found["back_at"]),
        of_linked=found["of_linked"],
    )


def approval_facts(resource: Resource) -> ApprovalFacts | None:
    """The policy of approval that counts for the person."""
    found = json_of(resource, "approval_json")
    if not found:
        return None
    return ApprovalFacts(
        **{
            **found,
            "mode": ApprovalMode(found["mode"]),
            "tiers": tuple(_tier(row) for row in found["tiers"] or ()),
            "earlier_ids": tuple(found["earlier_ids"] or ()),
        }
    )


def _tier(row: dict[str, Any]) -> TierFacts:
    dearer = row["over_cost"]
    return TierFacts(
        **{
            **row,
            "approver": ApproverKind(row["approver"]),
            "needed": Needed(row["needed"]),
            "over_cost": None if dearer is None else Decimal(str(dearer)),
            "for_roles": frozenset(row["for_roles"]),
        }
    )


def price_facts(resource: Resource) -> tuple[PriceFacts, ...]:
    """The prices that may count for who pays."""
    return parse_prices(json_of(resource, "prices_json"))


def parse_prices(found: Any) -> tuple[PriceFacts, ...]:  # noqa: ANN401 - JSON
    """The same from the column as it came."""
    rows = orjson.loads(found) if isinstance(found, str) else found or []
    return tuple(
        PriceFacts(
            per_hour=Decimal(per_hour),
            per_booking=Decimal(per_booking),
            valid_from=date.fromisoformat(valid_from),
            of_resource=of_resource,
            of_class=of_class,
        )
        for per_hour, per_booking, valid_from, of_resource, of_class in rows
    )


def quota_facts(
    resource: Resource, accounts: Mapping[AccountKey, tuple[AccountFacts, ...]] | None = None
) -> tuple[QuotaFacts, ...]:
    """The quotas that would count a booking, with the accounts that are known of them."""
    known = accounts or {}
    return tuple(
        quota_of(row, known.get((row["id"], row["holder_id"]), ()))
        for row in json_of(resource, "quotas_json")
    )


def quota_of(row: Mapping[str, Any], accounts: tuple[AccountFacts, ...] = ()) -> QuotaFacts:
    """A quota from its row of JSON."""
    return QuotaFacts(
        **{
            **row,
            "public_id": UUID(row["public_id"]),
            "measure": Measure(row["measure"]),
            "period": QuotaPeriod(row["period"]),
            "holder": QuotaHolder(row["holder"]),
            "amount": Decimal(str(row["amount"])),
            "overdraft": Decimal(str(row["overdraft"])),
            "created_at": datetime.fromisoformat(row["created_at"]),
            "accounts": accounts,
        }
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
