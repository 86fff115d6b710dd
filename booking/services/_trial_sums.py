"""Adding up a replay, in a form that survives the worker: plain numbers under plain keys."""

from collections.abc import Iterable, Mapping
from typing import Any

from booking.queries.policy_trials import PastOf
from booking.rules.proposals import Proposal
from booking.rules.replay import Judged, gini, replay
from booking.rules.request import ResourceFacts

_MOST_EXAMPLES = 20
_MOST_PEOPLE = 100


def nothing() -> dict[str, Any]:
    """The sums before anybody was looked at."""
    return {
        "after": 0,
        "bookings": 0,
        "refused": 0,
        "minutes": 0,
        "present": 0,
        "rules": {},
        "roles": {},
        "groups": {},
        "resources": {},
        "everybody": {},
        "examples": [],
    }


def add(sums: dict[str, Any], whose: PastOf, judged: list[Judged], present: int) -> None:
    """Add one person. What was given back before its time counts as made, and takes no hours."""
    sums["after"] = max(sums["after"], whose.person.id)
    sums["bookings"] += len(judged)
    sums["present"] += present
    for each in judged:
        minutes = 0 if each.past.released_at else each.past.period.minutes
        refused = bool(each.codes)
        for part, key in (
            ("roles", whose.person.role.value),
            ("groups", whose.group_id or ""),
            ("resources", each.past.resource_id),
            ("everybody", whose.person.id),
        ):
            _count(sums[part], str(key), minutes, refused=refused)
        for code in each.codes:
            _count(sums["rules"], code, minutes, refused=True)
        if refused:
            sums["refused"] += 1
            sums["minutes"] += minutes
            if len(sums["examples"]) < _MOST_EXAMPLES:
                sums["examples"].append([each.past.id, each.codes[0]])


def add_people(
    sums: dict[str, Any],
    people: Iterable[PastOf],
    resources: Mapping[int, ResourceFacts],
    *,
    proposal: Proposal,
    present: Proposal,
) -> None:
    """Replay some people's bookings under what is tried, and under what is in force."""
    for whose in sorted(people, key=lambda each: each.person.id):
        tried = _judge(whose, resources, proposal)
        refused_now = sum(bool(each.codes) for each in _judge(whose, resources, present))
        add(sums, whose, tried, refused_now)


def _judge(
    whose: PastOf, resources: Mapping[int, ResourceFacts], proposal: Proposal
) -> list[Judged]:
    role = whose.person.role.value
    used = {each.resource_id for each in whose.past}
    return replay(
        whose.person,
        whose.past,
        {key: resources[key] for key in used},
        lambda facts: proposal.within(facts, role),
    )


def finish(sums: dict[str, Any]) -> dict[str, Any]:
    """The sums with how evenly hours lie before and after; of people those who lose most."""
    everybody = sums["everybody"]
    before = [made for _refused, _lost, made in everybody.values()]
    after = [made - lost for _refused, lost, made in everybody.values()]
    worst = sorted(everybody.items(), key=lambda row: -row[1][1])[:_MOST_PEOPLE]
    rest = {key: value for key, value in sums.items() if key not in ("everybody", "after")}
    return {
        **rest,
        "people": {key: row for key, row in worst if row[0]},
        "gini": [round(gini(before), 4), round(gini(after), 4)],
    }


def _count(part: dict[str, list[int]], key: str, minutes: int, *, refused: bool) -> None:
    """How many were refused, how many minutes of that, how many minutes were made."""
    row = part.setdefault(key, [0, 0, 0])
    row[2] += minutes
    if refused:
        row[0] += 1
        row[1] += minutes
