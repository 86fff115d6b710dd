"""What limits would have said to bookings that were made: one person's, in their order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.rules import lead_times, quotas
from booking.rules.registry import Rule
from booking.rules.request import BookingRequest, OwnBooking, Person, ResourceFacts
from labitory.lib.periods import Period, local_week

# How far back a trial looks at most.
MOST_MONTHS = 24
# The rules that limits feed; the others know nothing of limits and say what they said.
LIMIT_RULES: tuple[Rule, ...] = (
    lead_times.long_enough,
    lead_times.short_enough,
    lead_times.soon_enough_asked,
    lead_times.not_too_far_ahead,
    quotas.hours_per_day,
    quotas.hours_per_week,
    quotas.active_bookings,
    quotas.future_minutes,
    quotas.gap_between_own,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A booking as it was made, and when its time was given back."""

    id: int
    resource_id: int
    period: Period
    made_at: datetime
    released_at: datetime | None
    # One from before the time that is tried: it is held, and nothing is said to it.
    is_given: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A booking with the codes of the rules that would have refused it."""

    past: Past
    codes: tuple[str, ...]


def replay(
    person: Person,
    past: Sequence[Past],
    resources: Mapping[int, ResourceFacts],
    within: Callable[[ResourceFacts], ResourceFacts],
) -> list[Judged]:
    """Ask the rules of limits about bookings in the order in which they were made.

    What is refused is not held, so that it takes nothing from those that come after it.
    """
    held: list[tuple[Past, OwnBooking]] = []
    found: list[Judged] = []
    facts = {key: within(each) for key, each in resources.items()}
    for each in past:
        resource = facts[each.resource_id]
        own = OwnBooking(
            id=each.id,
            resource_id=resource.id,
            resource_name=resource.name,
            period=each.period,
            type_id=resource.type_id,
        )
        if each.is_given:
            held.append((each, own))
            continue
        # What was written down after its start (walk-ups, imports) was asked for at its start.
        now = min(each.made_at, each.period.start)
        request = BookingRequest(
            actor=person,
            user=person,
            resource=resource,
            period=each.period,
            now=now,
            own_bookings=_own(held, resource, each, now),
        )
        codes = tuple(rule.code for rule in LIMIT_RULES if rule.ask(request) is not None)
        found.append(Judged(past=each, codes=codes))
        if not codes:
            held.append((each, own))
    return found


def _own(
    held: Sequence[tuple[Past, OwnBooking]], resource: ResourceFacts, asked: Past, now: datetime
) -> tuple[OwnBooking, ...]:
    """What the person held at that moment: from the week of the booking, or then, on."""
    since = min(now, local_week(asked.period.start, resource.zone).start)
    return tuple(
        own
        for past, own in held
        if past.period.end > since and (past.released_at is None or past.released_at > now)
    )


def gini(shares: Sequence[int]) -> float:
    """How unevenly shares lie: 0 where all have the same, towards 1 where one has all."""
    total, number = sum(shares), len(shares)
    if not total:
        return 0.0
    weighted = sum(place * share for place, share in enumerate(sorted(shares), 1))
    return 2 * weighted / (number * total) - (number + 1) / number
