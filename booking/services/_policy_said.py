"""Approvals and quotas of a policy file as fields in words: each says something, or is empty."""

from django.utils.translation import gettext as _

from booking.enums import ApproverKind, Needed, QuotaHolder
from booking.queries.policies import say_role
from booking.rules.shares import say_amount, say_each
from booking.services._policy_lines import (
    ApprovalLine,
    LimitLine,
    PriceLine,
    QuotaLine,
    StepLine,
)
from labitory.lib.formats import say_date
from labitory.lib.money import say_money
from labitory.lib.text import say_minutes


def say_where(line: LimitLine | ApprovalLine | QuotaLine | PriceLine) -> str:
    """Where a line holds."""
    if line.resource:
        return _("on %(name)s") % {"name": line.resource}
    if line.type:
        return _("on every %(name)s") % {"name": line.type}
    pool = line.pool if isinstance(line, QuotaLine) else ""
    return _("on what is in the pool %(name)s") % {"name": pool} if pool else _("everywhere")


def said_approval(line: ApprovalLine) -> dict[str, str]:
    """All that a policy of approval says."""
    return {
        _("name"): line.name,
        _("for"): f"{say_role(line.role)}, {say_where(line)}",
        _("approval"): str(line.mode.label),
        _("holds the time meanwhile"): _say_flag(line.holds_slot),
        _("time to answer"): say_minutes(line.answer_hours * 60),
        _("when longer than"): _say_length(line.over_minutes),
        _("when outside working hours"): _say_flag(line.outside_hours),
        _("when it is the first booking there"): _say_flag(line.first_booking),
        _("steps"): ", ".join(f"{n}. {_say_step(step)}" for n, step in enumerate(line.steps, 1)),
    }


def _say_step(step: StepLine) -> str:
    who = str(step.ask.label)
    if step.ask == ApproverKind.ROLE:
        who = say_role(step.role)
    elif step.ask == ApproverKind.PERSON:
        who = step.person
    many = _("all of them") if step.agree == Needed.ALL else _("any one")
    when = [
        *([_("longer than %s") % say_minutes(step.over_minutes)] if step.over_minutes else []),
        *([_("dearer than %s") % say_money(step.over_cost)] if step.over_cost is not None else []),
        *([_("outside the working day")] if step.outside_hours else []),
        *(say_role(role) for role in step.for_roles),
    ]
    return f"{who}, {many} ({'; '.join(when)})" if when else f"{who}, {many}"


def said_quota(line: QuotaLine) -> dict[str, str]:
    """All that a quota says."""
    narrowed = [word for word in (line.user, line.group, line.project) if word]
    who = ", ".join(narrowed) or say_role(line.role)
    amount = say_amount(line.measure, line.amount)
    return {
        _("gives"): f"{amount} {say_each(line.period, line.rolling_days)}",
        _("shared by"): str(QuotaHolder(line.shared_by).label),
        _("for"): f"{who}, {say_role(line.role)}" if narrowed and line.role else who,
        _("counts"): say_where(line),
        _("carried over"): f"{line.carry_percent} %" if line.carry_percent else "",
        _("overdraft with approval"): say_amount(line.measure, line.overdraft)
        if line.overdraft
        else "",
        _("free within"): "" if line.grab_hours is None else say_minutes(line.grab_hours * 60),
        _("missed bookings count"): _say_flag(line.counts_no_shows),
    }


def said_price(line: PriceLine) -> dict[str, str]:
    """The amounts of a price."""
    return {
        _("per hour"): say_money(line.per_hour),
        _("per booking"): say_money(line.per_booking) if line.per_booking else "",
    }


def named_price(line: PriceLine) -> str:
    """Which price it is."""
    return _("the price %(where)s for %(whom)s from %(day)s") % {
        "where": say_where(line),
        "whom": line.price_class or _("everybody else"),
        "day": say_date(line.begins),
    }


def _say_flag(value: bool) -> str:  # noqa: FBT001 - a value, not a choice
    return _("yes") if value else _("no")


def _say_length(minutes: int | None) -> str:
    return "" if minutes is None else say_minutes(minutes)
