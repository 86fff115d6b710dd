"""Approval policies of a file: read, written, as they stand, and made so."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Needed
from booking.models import ApprovalPolicy, ApprovalTier
from booking.services._approval_writing import (
    MOST_TIERS,
    PolicyDetails,
    TierDetails,
    drop_policy,
    put_policy,
    require_sense,
)
from booking.services._policy_limits import read_place, read_role
from booking.services._policy_lines import ApprovalLine, StepLine
from booking.services._policy_places import Places
from booking.services._policy_rows import Row
from booking.services._policy_words import (
    read_cost,
    read_flag,
    read_hours,
    read_minutes,
    write_flag,
    write_minutes,
)

_USUAL_HOURS = 72
_HOURS = ("h",)
_LONGEST_NAME = 100


def read_approval(row: Row) -> ApprovalLine | None:
    """A policy of approval as the file has it; None where it makes no sense, which is noted."""
    name = row.word("name", most=_LONGEST_NAME, needed=True)
    role = read_role(row)
    resource, kind = read_place(row)
    mode = row.choice("mode", ApprovalMode.values, _("There is no such kind of approval."))
    if row.is_block and not row.has("mode"):
        row.complain("", _("Say its `mode:`, such as “single” or “tiered”."))
    hint = _("write whole hours, such as “72 h”.")
    found: dict[str, Any] = {
        "holds_slot": row.value("holds_time", read_flag, say_flag(), default=True),
        "answer_hours": row.value("answer_within", read_hours, hint, _USUAL_HOURS),
        "over_minutes": row.value("longer_than", read_minutes, say_length(), None),
        "outside_hours": row.value("outside_hours", read_flag, say_flag(), default=False),
        "first_booking": row.value("first_booking", read_flag, say_flag(), default=False),
    }
    steps = tuple(_read_step(each) for each in row.rows("steps", MOST_TIERS))
    row.close()
    if not mode or not name:
        return None
    return ApprovalLine(
        name=name,
        role=role,
        resource=resource,
        type=kind,
        mode=ApprovalMode(mode),
        steps=steps,
        at=row.at,
        **found,
    )


def _read_step(row: Row) -> StepLine:
    ask = row.choice(
        "ask", ApproverKind.values, _("There is nobody of this kind to ask."), default="responsible"
    )
    step = StepLine(
        ask=ApproverKind(ask),
        role=read_role(row),
        person=row.word("person", most=_LONGEST_NAME * 2),
        agree=Needed(row.choice("agree", Needed.values, _("Say how many agree."), default="any")),
        over_minutes=row.value("longer_than", read_minutes, say_length(), None),
        over_cost=row.value("dearer_than", read_cost, _("write such as “120.00”."), None),
        outside_hours=row.value("outside_hours", read_flag, say_flag(), default=False),
        for_roles=tuple(sorted(set(row.words("bookings_of", len(Role))))),
    )
    if unknown := set(step.for_roles) - set(Role.values):
        text = _("There is no role “%(name)s”. Known: %(known)s.")
        words = {"name": min(unknown)[:40], "known": ", ".join(Role.values)}
        row.complain("bookings_of", text % words)
    for name, kind in (("role", ApproverKind.ROLE), ("person", ApproverKind.PERSON)):
        if (step.ask == kind) != bool(getattr(step, name)):
            text = _("`%(name)s:` belongs to `ask: %(name)s`, and to nothing else: write both.")
            row.complain(name, text % {"name": name})
    row.close()
    return step


def say_flag() -> str:
    """What is written where something is so or not."""
    return _("write yes or no.")


def say_length() -> str:
    """What a length of time is written like."""
    return _("write such as “4 h” or “90 min”.")


def approval_out(line: ApprovalLine) -> dict[str, Any]:
    """A policy of approval as the file writes it; what is usual is left out."""
    found: dict[str, Any] = {"name": line.name}
    found |= {
        name: str(word) for name in ("role", "resource", "type") if (word := getattr(line, name))
    }
    found["mode"] = str(line.mode.value)
    if not line.holds_slot:
        found["holds_time"] = write_flag(line.holds_slot)
    if line.answer_hours != _USUAL_HOURS:
        found["answer_within"] = write_minutes(line.answer_hours * 60, _HOURS)
    found |= _conditions_out(line)
    if line.first_booking:
        found["first_booking"] = write_flag(line.first_booking)
    if line.steps:
        found["steps"] = [_step_out(each) for each in line.steps]
    return found


def _step_out(step: StepLine) -> dict[str, Any]:
    found: dict[str, Any] = {"ask": str(step.ask.value)}
    found |= {name: str(word) for name in ("role", "person") if (word := getattr(step, name))}
    if step.agree != Needed.ANY:
        found["agree"] = str(step.agree.value)
    found |= _conditions_out(step)
    if step.over_cost is not None:
        found["dearer_than"] = f"{step.over_cost:.2f}"
    if step.for_roles:
        found["bookings_of"] = list(step.for_roles)
    return found


def _conditions_out(line: ApprovalLine | StepLine) -> dict[str, str]:
    found = {}
    if line.over_minutes is not None:
        found["longer_than"] = write_minutes(line.over_minutes)
    if line.outside_hours:
        found["outside_hours"] = write_flag(line.outside_hours)
    return found


def standing_approvals() -> tuple[ApprovalLine, ...]:
    """The policies of approval as they are now."""
    rows = ApprovalPolicy.objects.select_related("resource", "resource_type").prefetch_related(
        "tiers__person"
    )
    return tuple(_line(row) for row in rows)


def _line(row: ApprovalPolicy) -> ApprovalLine:
    return ApprovalLine(
        name=row.name,
        role=row.role,
        resource=row.resource.name if row.resource else "",
        type=row.resource_type.name if row.resource_type else "",
        mode=ApprovalMode(row.mode),
        holds_slot=row.holds_slot,
        answer_hours=row.answer_hours,
        over_minutes=row.over_minutes,
        outside_hours=row.outside_hours,
        first_booking=row.first_booking,
        steps=tuple(_step(each) for each in row.tiers.all()),
    )


def _step(tier: ApprovalTier) -> StepLine:
    return StepLine(
        ask=ApproverKind(tier.approver),
        role=tier.role,
        person=tier.person.username if tier.person else "",
        agree=Needed(tier.needed),
        over_minutes=tier.over_minutes,
        over_cost=tier.over_cost,
        outside_hours=tier.outside_hours,
        for_roles=tuple(sorted(tier.for_roles)),
    )


def approval_details(line: ApprovalLine, places: Places) -> PolicyDetails:
    """What a file says as those who write policies take it."""
    return PolicyDetails(
        name=line.name,
        mode=line.mode,
        role=line.role,
        resource_id=places.find("resource", line.resource).public_id if line.resource else None,
        type_id=places.find("type", line.type).public_id if line.type else None,
        holds_slot=line.holds_slot,
        answer_hours=line.answer_hours,
        over_minutes=line.over_minutes,
        outside_hours=line.outside_hours,
        first_booking=line.first_booking,
        tiers=tuple(
            TierDetails(
                approver=step.ask,
                needed=step.agree,
                role=step.role,
                person=places.find("user", step.person) if step.person else None,
                over_minutes=step.over_minutes,
                over_cost=step.over_cost,
                outside_hours=step.outside_hours,
                for_roles=step.for_roles,
            )
            for step in line.steps
        ),
    )


def write_approval(
    before: ApprovalLine | None,
    after: ApprovalLine | None,
    places: Places,
    *,
    actor: User,
    now: datetime,
) -> None:
    """Make one policy of approval what the file says; what waits stays as it was asked."""
    line = after or before
    if line is None:
        return
    resource = places.find("resource", line.resource) if line.resource else None
    kind = places.find("type", line.type) if line.type else None
    policy = ApprovalPolicy.objects.filter(
        role=line.role, resource=resource, resource_type=kind
    ).first()
    if after is None:
        if policy is not None:
            drop_policy(policy=policy, actor=actor, now=now)
        return
    details = approval_details(after, places)
    require_sense(details)
    if policy is None:
        policy = ApprovalPolicy(role=after.role, resource=resource, resource_type=kind)
    put_policy(policy=policy, details=details, actor=actor, now=now)
