"""What one set of limits changes of another, in sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from booking.queries.policies import say_role
from booking.queries.rules_in_words import say_limit
from booking.services._policy_file import LimitLine

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChange:
    """One limit before and after; None where there is no row."""

    before: LimitLine | None
    after: LimitLine | None

    @property
    def line(self) -> LimitLine:
        """The limit with its place, whichever side has it."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change has a side")
        return found

    @property
    def sentence(self) -> str:
        """What changes, for whom and where."""
        line = self.line
        where = _("everywhere")
        if line.resource:
            where = _("on %(name)s") % {"name": line.resource}
        elif line.type:
            where = _("on every %(name)s") % {"name": line.type}
        words = {
            "limit": line.limit.label,
            "who": say_role(line.role),
            "where": where,
            "before": say_limit(line.limit, self.before.value) if self.before else "",
            "after": say_limit(line.limit, self.after.value) if self.after else "",
        }
        if self.before is None:
            return _("New: %(limit)s for %(who)s, %(where)s: %(after)s.") % words
        if self.after is None:
            return _("Removed: %(limit)s for %(who)s, %(where)s (was %(before)s).") % words
        return _("Changed: %(limit)s for %(who)s, %(where)s: from %(before)s to %(after)s.") % words


def compare(before: Iterable[LimitLine], after: Iterable[LimitLine]) -> list[LimitChange]:
    """All that differs, in the order of the limits' names and places."""
    old, new = _by_key(before), _by_key(after)
    return [
        LimitChange(before=old.get(key), after=new.get(key))
        for key in sorted(old.keys() | new.keys())
        if _value(old, key) != _value(new, key)
    ]


def _by_key(lines: Iterable[LimitLine]) -> dict[_Key, LimitLine]:
    return {line.key: line for line in lines}


def _value(lines: Mapping[_Key, LimitLine], key: _Key) -> tuple[int | None] | None:
    """A row that lifts a limit is something else than no row."""
    return (lines[key].value,) if key in lines else None
