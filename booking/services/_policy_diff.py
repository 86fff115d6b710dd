"""What one set of policies changes of another, in sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from booking.queries.policies import say_role
from booking.queries.rules_in_words import say_limit
from booking.services._policy_file import PolicyFile, Standing
from booking.services._policy_lines import (
    ApprovalLine,
    Key,
    LimitLine,
    PriceLine,
    QuotaLine,
)
from booking.services._policy_said import (
    named_price,
    said_approval,
    said_price,
    said_quota,
    say_where,
)

_L = TypeVar("_L", LimitLine, ApprovalLine, QuotaLine, PriceLine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Generic[_L]):
    """One line before and after; None where there is none."""

    before: _L | None
    after: _L | None

    @property
    def line(self) -> _L:
        """The line with its place, whichever side has it."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change has a side")
        return found

    @property
    def sentence(self) -> str:
        """What changes, for whom and where."""
        line = self.line
        if isinstance(line, LimitLine):
            return _say_limit(line, _value(self.before), _value(self.after))
        name = _named(line)
        old, new = _said(self.before), _said(self.after)
        if self.before is None:
            return _("New: %(name)s: %(said)s.") % {"name": name, "said": _listed(new)}
        if self.after is None:
            return _("Removed: %(name)s (was: %(said)s).") % {"name": name, "said": _listed(old)}
        parts = [
            _("%(field)s: from %(before)s to %(after)s")
            % {"field": field, "before": old[field] or "–", "after": new[field] or "–"}
            for field in old
            if old[field] != new[field]
        ]
        # A price is known by its place already.
        where = name if isinstance(line, PriceLine) else f"{name}, {say_where(line)}"
        return _("Changed: %(name)s: %(parts)s.") % {"name": where, "parts": "; ".join(parts)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that differs, noun by noun."""

    limits: list[Change[LimitLine]]
    approvals: list[Change[ApprovalLine]]
    quotas: list[Change[QuotaLine]]
    prices: list[Change[PriceLine]]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything in words: limits, approvals, quotas, prices."""
        return (
            *(each.sentence for each in self.limits),
            *(each.sentence for each in self.approvals),
            *(each.sentence for each in self.quotas),
            *(each.sentence for each in self.prices),
        )


def compare(before: PolicyFile | Standing, after: PolicyFile | Standing) -> Changes:
    """What differs; of what either says nothing, nothing does."""
    old_quotas, new_quotas = before.quotas, after.quotas
    old_approvals, new_approvals = before.approvals, after.approvals
    return Changes(
        limits=_compare(before.limits, after.limits),
        approvals=[]
        if old_approvals is None or new_approvals is None
        else _compare(old_approvals, new_approvals),
        quotas=[] if old_quotas is None or new_quotas is None else _compare(old_quotas, new_quotas),
        prices=[]
        if before.prices is None or after.prices is None
        else _compare(before.prices, after.prices),
    )


def _compare(before: Iterable[_L], after: Iterable[_L]) -> list[Change[_L]]:
    old: dict[Key, _L] = {line.key: line for line in before}
    new: dict[Key, _L] = {line.key: line for line in after}
    return [
        Change(before=old.get(key), after=new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _named(line: ApprovalLine | QuotaLine | PriceLine) -> str:
    if isinstance(line, PriceLine):
        return named_price(line)
    kind = _("the quota “%(name)s”") if isinstance(line, QuotaLine) else _("approval: %(name)s")
    return kind % {"name": line.name}


def _say_limit(line: LimitLine, before: str, after: str) -> str:
    words = {
        "limit": line.limit.label,
        "who": say_role(line.role),
        "where": say_where(line),
        "before": before,
        "after": after,
    }
    if not before:
        return _("New: %(limit)s for %(who)s, %(where)s: %(after)s.") % words
    if not after:
        return _("Removed: %(limit)s for %(who)s, %(where)s (was %(before)s).") % words
    return _("Changed: %(limit)s for %(who)s, %(where)s: from %(before)s to %(after)s.") % words


def _value(line: object) -> str:
    return say_limit(line.limit, line.value) if isinstance(line, LimitLine) else ""


def _said(line: object) -> dict[str, str]:
    if isinstance(line, ApprovalLine):
        return said_approval(line)
    if isinstance(line, PriceLine):
        return said_price(line)
    return said_quota(line) if isinstance(line, QuotaLine) else {}


def _listed(said: dict[str, str]) -> str:
    return "; ".join(f"{field}: {value}" for field, value in said.items() if value)
