"""Asking the rules about the examples of a policy file, under its own limits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from booking.models import Resource
from booking.queries.facts import TimeFacts, around, build_request, load_resources
from booking.rules import check_booking
from booking.rules.proposals import Proposal
from booking.rules.request import ResourceFacts
from booking.services._policy_file import ALLOWED, ExampleLine, Places
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An example with what came of it; the codes of refusals, none where it is allowed."""

    number: int
    example: ExampleLine
    found: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether exactly what was expected came of it."""
        return set(self.found) == set(self.example.expect)

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
            "expected": ", ".join(self.example.expect) or ALLOWED,
            "found": ", ".join(self.found) or ALLOWED,
        }


def try_examples(
    examples: Sequence[ExampleLine], places: Places, proposal: Proposal, now: datetime
) -> list[Tried]:
    """What the rules say to each example under the proposal.

    Whoever books has access, training and assessment, has nothing else booked, and the time is
    free: what is tried are limits, opening hours and the grid. One statement for each role.
    """
    wanted: dict[str, list[tuple[ExampleLine, Period]]] = defaultdict(list)
    for each in examples:
        zone = places.resources[each.resource.lower()].zone
        wanted[each.role].append((each, Period(*each.moments(now, zone))))
    loaded = {role: _load(role, pairs, places, now) for role, pairs in wanted.items()}
    periods = {id(each): period for pairs in wanted.values() for each, period in pairs}
    return [
        Tried(
            number=number,
            example=each,
            found=_ask(
                loaded[each.role][places.resources[each.resource.lower()].public_id],
                each.role,
                periods[id(each)],
                proposal,
                now,
            ),
        )
        for number, each in enumerate(examples, 1)
    ]


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
    resource: Resource, role: str, period: Period, proposal: Proposal, now: datetime
) -> tuple[str, ...]:
    window = around(Period(min(period.start, period.end), max(period.start, period.end)))
    request = build_request(
        resource=resource,
        time_facts=TimeFacts(window=window, own=(), claims={}),
        actor=_nobody(role),
        user=_nobody(role),
        period=period,
        now=now,
    )
    facts = proposal.within(_welcoming(request.resource), role)
    return tuple(each.code for each in check_booking(replace(request, resource=facts)))


def _welcoming(facts: ResourceFacts) -> ResourceFacts:
    """The resource as somebody meets it who has done all that it asks for."""
    return replace(
        facts,
        requires_access=False,
        requires_assessment=False,
        courses=(),
        quotas=(),
        fault=None,
    )
