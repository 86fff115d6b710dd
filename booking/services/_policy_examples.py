"""Asking the rules about the examples of a policy file, under what it says itself."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from booking.models import Resource
from booking.permissions import can_book_unasked
from booking.queries.facts import TimeFacts, around, build_request, load_resources
from booking.rules import check_booking
from booking.rules.approvals import plan_approval
from booking.rules.proposals import Proposal
from booking.rules.request import ResourceFacts
from booking.rules.shares import is_over_quota
from booking.services._policy_example_facts import approval_for, quotas_for
from booking.services._policy_example_lines import (
    ALLOWED,
    AT_ONCE,
    NEEDS,
    OVER_QUOTA,
    QUOTA_CODE,
    ExampleLine,
    say_steps,
)
from booking.services._policy_lines import ApprovalLine, PriceLine, QuotaLine
from booking.services._policy_places import Places
from booking.services._policy_prices import prices_for
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What would hold if a file were applied."""

    limits: Proposal
    approvals: tuple[ApprovalLine, ...]
    quotas: tuple[QuotaLine, ...]
    prices: tuple[PriceLine, ...]
    places: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An example with what came of it: codes of refusals, or who would be asked, or nothing."""

    number: int
    example: ExampleLine
    refused: tuple[str, ...]
    # 'needs approval by …'; empty where it would stand at once.
    asked: str

    @property
    def holds(self) -> bool:
        """Whether exactly what was expected came of it."""
        expected = self.example.expect
        if not expected:
            return not self.refused
        if expected == (AT_ONCE,):
            return not self.refused and not self.asked
        if expected[0].startswith(NEEDS):
            return not self.refused and bool(self.asked) and expected[0] in (NEEDS, self.asked)
        codes = {QUOTA_CODE if each == OVER_QUOTA else each for each in expected}
        return set(self.refused) == codes

    @property
    def expected(self) -> str:
        """What should come of it, in the words of a file."""
        return ", ".join(self.example.expect) or ALLOWED

    @property
    def found(self) -> str:
        """What came of it, in the words of a file."""
        return ", ".join(self.refused) or self.asked or AT_ONCE

    @property
    def sentence(self) -> str:
        """What was asked, what was expected, what came of it."""
        return _(
            "Example %(n)s (%(role)s, %(resource)s, %(start)s to %(end)s): expected "
            "%(expected)s, but it is %(found)s."
        ) % {
            "n": self.number,
            "role": Role(self.example.role).label,
            "resource": self.example.resource,
            "start": self.example.start,
            "end": self.example.end,
            "expected": self.expected,
            "found": self.found,
        }


def try_examples(examples: Sequence[ExampleLine], proposed: Proposed, now: datetime) -> list[Tried]:
    """What the rules say to each example under what is proposed.

    Whoever books has access, training and assessment, has nothing else booked, and the time is
    free: what is tried are limits, quotas, approvals, opening hours and the grid. One statement for
    each role.
    """
    wanted: dict[str, list[tuple[ExampleLine, Period]]] = defaultdict(list)
    places = proposed.places
    for each in examples:
        zone = places.resources[each.resource.lower()].zone
        wanted[each.role].append((each, Period(*each.moments(now, zone))))
    loaded = {role: _load(role, pairs, places, now) for role, pairs in wanted.items()}
    periods = {id(each): period for pairs in wanted.values() for each, period in pairs}
    found = []
    for number, each in enumerate(examples, 1):
        resource = loaded[each.role][places.resources[each.resource.lower()].public_id]
        refused, asked = _ask(resource, each, periods[id(each)], proposed, now)
        found.append(Tried(number=number, example=each, refused=refused, asked=asked))
    return found


def _load(
    role: str, pairs: Sequence[tuple[ExampleLine, Period]], places: Places, now: datetime
) -> dict[UUID, Resource]:
    starts = [min(period.start, period.end) for _each, period in pairs]
    ends = [max(period.start, period.end) for _each, period in pairs]
    keys = {places.resources[each.resource.lower()].public_id for each, _period in pairs}
    window = around(Period(min(starts), max(ends)))
    found = load_resources(user=_nobody(role), window=window, now=now, public_ids=sorted(keys))
    return {each.public_id: each for each in found}


def _nobody(role: str) -> User:
    """Somebody of the role who is nobody: nothing of theirs is in the database."""
    return User(pk=0, username="example", role=role)


def _ask(
    resource: Resource, example: ExampleLine, period: Period, proposed: Proposed, now: datetime
) -> tuple[tuple[str, ...], str]:
    window = around(Period(min(period.start, period.end), max(period.start, period.end)))
    somebody, places = _nobody(example.role), proposed.places
    known = places.resources[example.resource.lower()]
    request = build_request(
        resource=resource,
        time_facts=TimeFacts(window=window, own=(), claims={}),
        actor=somebody,
        user=somebody,
        period=period,
        now=now,
    )
    facts = replace(
        proposed.limits.within(_welcoming(request.resource), example.role),
        quotas=quotas_for(proposed.quotas, known, example, period, places, now=now),
        prices=prices_for(proposed.prices, known, example, places),
        approval=approval_for(proposed.approvals, known, example.role, places),
    )
    request = replace(request, resource=facts, over_quota=False)
    refused = tuple(each.code for each in check_booking(request))
    if refused or can_book_unasked(somebody, resource, None):
        return refused, ""
    plan = plan_approval(replace(request, over_quota=is_over_quota(request)))
    names = {user.pk: word for word, user in places.others.get("user", {}).items()}
    return (), say_steps(plan.steps, names) if plan.is_needed else ""


def _welcoming(facts: ResourceFacts) -> ResourceFacts:
    """The resource as somebody meets it who has done all that it asks for."""
    return replace(
        facts,
        requires_access=False,
        requires_assessment=False,
        courses=(),
        fault=None,
    )
