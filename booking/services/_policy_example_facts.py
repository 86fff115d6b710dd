"""Approvals and quotas of a policy file as the rules see them, for somebody of an example."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from booking.enums import Measure, QuotaHolder
from booking.models import Resource
from booking.rules.request import AccountFacts, ApprovalFacts, QuotaFacts, TierFacts
from booking.rules.shares import shares
from booking.services._policy_example_lines import ExampleLine
from booking.services._policy_lines import ApprovalLine, QuotaLine, StepLine
from booking.services._policy_places import Places
from labitory.lib.money import CENT
from labitory.lib.periods import Period

# Nobody in particular: the key of whoever shares a quota with nobody else.
_SOMEBODY = 1


def approval_for(
    lines: Iterable[ApprovalLine], resource: Resource, role: str, places: Places
) -> ApprovalFacts | None:
    """The policy that counts: the resource's, its type's or the lab's; a role's own comes first."""
    found = [
        line
        for line in lines
        if line.role in ("", role)
        and line.resource in ("", resource.name)
        and line.type in ("", resource.resource_type.name)
    ]
    if not found:
        return None
    line = min(found, key=lambda each: (not each.resource, not each.type, not each.role))
    return ApprovalFacts(
        id=0,
        mode=line.mode,
        holds_slot=line.holds_slot,
        answer_hours=line.answer_hours,
        over_minutes=line.over_minutes,
        outside_hours=line.outside_hours,
        first_booking=line.first_booking,
        tiers=tuple(_tier(step, places) for step in line.steps),
    )


def _tier(step: StepLine, places: Places) -> TierFacts:
    return TierFacts(
        approver=step.ask,
        needed=step.agree,
        role=step.role,
        person_id=places.find("user", step.person).pk if step.person else None,
        over_minutes=step.over_minutes,
        over_cost=step.over_cost,
        outside_hours=step.outside_hours,
        for_roles=frozenset(step.for_roles),
    )


def quotas_for(
    lines: Sequence[QuotaLine],
    resource: Resource,
    example: ExampleLine,
    period: Period,
    places: Places,
    *,
    now: datetime,
) -> tuple[QuotaFacts, ...]:
    """The quotas that would count an example, with what it says was taken of each already."""
    found = []
    for number, line in enumerate(lines, 1):
        if _counts_person(line, example, places) and _counts_resource(line, resource, places):
            empty = _quota(number, line, (), now)
            step = CENT if line.measure == Measure.COST else Decimal(1)
            taken = (line.amount * example.used / 100).quantize(step)
            accounts = tuple(
                AccountFacts(starts_on=start, reserved=taken)
                for start in _starts(empty, period, resource)
            )
            found.append(_quota(number, line, accounts, now))
    return tuple(found)


def _counts_person(line: QuotaLine, example: ExampleLine, places: Places) -> bool:
    project = places.find("project", example.project) if example.project else None
    group = places.find("group", example.group) if example.group else None
    group_id = project.group_id if project else group.pk if group else None
    holder = {
        QuotaHolder.USER: _SOMEBODY,
        QuotaHolder.GROUP: group_id,
        QuotaHolder.PROJECT: project.pk if project else None,
    }[line.shared_by]
    narrowed = places.find("group", line.group).pk if line.group else group_id
    return (
        holder is not None
        and not line.user
        and line.role in ("", example.role)
        and line.project in ("", example.project)
        and narrowed == group_id
    )


def _counts_resource(line: QuotaLine, resource: Resource, places: Places) -> bool:
    if line.pool:
        return resource.pk in {each.pk for each in places.find("pool", line.pool).resources.all()}
    return line.resource in ("", resource.name) and line.type in ("", resource.resource_type.name)


def _starts(quota: QuotaFacts, period: Period, resource: Resource) -> list[date]:
    is_sane = period.start < period.end
    return sorted(shares(quota, period, resource.zone, Decimal(1)))[:1] if is_sane else []


def _quota(
    number: int, line: QuotaLine, accounts: tuple[AccountFacts, ...], now: datetime
) -> QuotaFacts:
    return QuotaFacts(
        id=number,
        public_id=UUID(int=number),
        name=line.name,
        measure=line.measure,
        amount=line.amount,
        period=line.period,
        rolling_days=line.rolling_days,
        holder=line.shared_by,
        holder_id=_SOMEBODY,
        carry_percent=line.carry_percent,
        overdraft=line.overdraft,
        grab_hours=line.grab_hours,
        counts_no_shows=line.counts_no_shows,
        created_at=now,
        accounts=accounts,
    )
