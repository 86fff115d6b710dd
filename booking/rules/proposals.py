"""Limits that are not in force: which of them would hold for whom, and where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from booking.enums import Limit
from booking.rules.request import ResourceFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One proposed limit, for a role or all, on a resource, a type or everywhere."""

    limit: Limit
    role: str
    resource_id: int | None
    type_id: int | None
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The limits that hold in one place for one role, and where each of them stands."""

    limits: Mapping[Limit, int]
    scopes: Mapping[Limit, str]


class Proposal:
    """Rows of limits, asked for what holds; the most specific row of each limit wins."""

    def __init__(self, rows: Iterable[LimitRow]) -> None:
        self._rows: dict[tuple[int | None, int | None, str], list[LimitRow]] = {}
        self._known: dict[tuple[str, int, int], Resolved] = {}
        for row in rows:
            self._rows.setdefault((row.resource_id, row.type_id, row.role), []).append(row)

    def holds(self, role: str, resource_id: int, type_id: int) -> Resolved:
        """A resource's row before its type's before the lab's; a role's own before everybody's."""
        key = (role, resource_id, type_id)
        if key not in self._known:
            self._known[key] = self._resolve(*key)
        return self._known[key]

    def within(self, facts: ResourceFacts, role: str) -> ResourceFacts:
        """The facts of a resource as they would be under the proposal."""
        found = self.holds(role, facts.id, facts.type_id)
        return replace(facts, limits=found.limits, scopes=found.scopes)

    def _resolve(self, role: str, resource_id: int, type_id: int) -> Resolved:
        limits: dict[Limit, int | None] = {}
        scopes: dict[Limit, str] = {}
        places = (("resource", resource_id, None), ("type", None, type_id), ("all", None, None))
        for scope, resource, kind in places:
            for each in (role, ""):
                for row in self._rows.get((resource, kind, each), ()):
                    if row.limit not in limits:
                        limits[row.limit] = row.value
                        scopes[row.limit] = scope
        return Resolved(
            limits={limit: value for limit, value in limits.items() if value is not None},
            scopes=scopes,
        )
