"""What a policy file says: limits, and examples that must hold under them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import Limit
from booking.models import BookingPolicy, Resource, ResourceType
from booking.rules.proposals import LimitRow
from booking.services._policy_words import read_value, write_value
from booking.services._policy_yaml import read_yaml, refused, write_yaml

ALLOWED = "allowed"
_MOST_LIMITS = 5000
_MOST_EXAMPLES = 200
_MOST_WRONG = 20
_LONGEST_TITLE = 120
_KNOWN = frozenset({"title", "limits", "examples"})
_OF_LIMIT = frozenset({"limit", "role", "resource", "type", "value"})
_OF_EXAMPLE = frozenset({"role", "resource", "start", "end", "expect"})
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOMENT = re.compile(r"(?:in (\d{1,3}) days?|next ([a-z]+)),? (\d\d):(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """A limit as the file has it: places by name."""

    limit: Limit
    role: str = ""
    resource: str = ""
    type: str = ""
    value: int | None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What there can be only one of."""
        return (self.limit, self.role, self.resource.lower(), self.type.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleLine:
    """Somebody who books, and what must come of it; moments are relative to today."""

    role: str
    resource: str
    start: str
    end: str
    # Codes of refusals in order, or none: allowed.
    expect: tuple[str, ...]

    def moments(self, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The start and the end, the days counted from today in the zone."""
        return _moment(self.start, now, zone), _moment(self.end, now, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """All that a policy file says."""

    title: str
    limits: tuple[LimitLine, ...]
    examples: tuple[ExampleLine, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Resources and types by name or code, as files name them."""

    resources: Mapping[str, Resource]
    types: Mapping[str, ResourceType]

    def row(self, line: LimitLine) -> LimitRow:
        """A limit with the keys of its place."""
        return LimitRow(
            limit=line.limit,
            role=line.role,
            resource_id=self.resources[line.resource.lower()].pk if line.resource else None,
            type_id=self.types[line.type.lower()].pk if line.type else None,
            value=line.value,
        )


def known_places() -> Places:
    """All resources and types; a name comes before a code that is the same."""
    resources = list(Resource.objects.select_related("resource_type"))
    by_word = {each.code.lower(): each for each in resources}
    by_word |= {each.name.lower(): each for each in resources}
    types = {each.name.lower(): each for each in ResourceType.objects.all()}
    return Places(resources=by_word, types=types)


def read_file(text: str, places: Places | None = None) -> PolicyFile:
    """A file that makes sense by itself and, with places, only names what there is.

    Raises `BookingRefused` with all that is wrong, at most twenty things.
    """
    content = read_yaml(text)
    if not isinstance(content, dict) or not isinstance(content.get("limits", ""), list):
        raise refused(_("The text must have `limits:` with a list."))
    wrong = [_unknown(name) for name in content.keys() - _KNOWN]
    title = content.get("title", "")
    if not isinstance(title, str) or not 0 < len(title.strip()) <= _LONGEST_TITLE:
        wrong.append(_("Give it a `title:` of at most 120 letters."))
    rows, examples = content["limits"], content.get("examples") or []
    if not isinstance(examples, list) or len(rows) > _MOST_LIMITS or len(examples) > _MOST_EXAMPLES:
        raise refused(_("At most 5,000 limits and 200 examples, each a list."))
    limits = list(_each(rows, _limit, _("Limit %(n)s: %(what)s"), wrong))
    tried = list(_each(examples, _example, _("Example %(n)s: %(what)s"), wrong))
    limits = _in_places(limits, places, wrong)
    wrong.extend(_unknown_examples(tried, places))
    wrong.extend(_twice(limits))
    if wrong:
        raise refused(*wrong[:_MOST_WRONG])
    return PolicyFile(title=title.strip(), limits=tuple(limits), examples=tuple(tried))


def write_file(file: PolicyFile) -> str:
    """A file as text, in a fixed order."""
    content: dict[str, Any] = {
        "title": file.title,
        "limits": [_written(each) for each in sorted(file.limits, key=_order)],
    }
    if file.examples:
        content["examples"] = [
            {
                "role": str(each.role),
                "resource": each.resource,
                "start": each.start,
                "end": each.end,
                "expect": list(each.expect) or ALLOWED,
            }
            for each in file.examples
        ]
    return write_yaml(content)


def lines_in_force() -> tuple[LimitLine, ...]:
    """The limits as they are now."""
    rows = BookingPolicy.objects.select_related("resource", "resource_type")
    return tuple(
        LimitLine(
            limit=Limit(row.limit),
            role=row.role,
            resource=row.resource.name if row.resource else "",
            type=row.resource_type.name if row.resource_type else "",
            value=row.value,
        )
        for row in rows
    )


def _order(line: LimitLine) -> tuple[Any, ...]:
    return (list(Limit).index(line.limit), line.type.lower(), line.resource.lower(), line.role)


def _written(line: LimitLine) -> dict[str, str]:
    found: dict[str, str] = {"limit": str(line.limit.value)}
    for name in ("role", "resource", "type"):
        if word := getattr(line, name):
            found[name] = str(word)
    return {**found, "value": write_value(line.limit, line.value)}


def _each(rows: Sequence[Any], read: Any, words: str, wrong: list[str]) -> Iterable[Any]:  # noqa: ANN401 - one of two readers
    for number, row in enumerate(rows, 1):
        try:
            yield read(row)
        except ValueError as error:
            wrong.append(words % {"n": number, "what": error})


def _limit(row: object) -> LimitLine:
    words = _words(row, _OF_LIMIT)
    if words.get("limit", "") not in Limit.values:
        raise ValueError(_("there is no limit of this name."))
    limit = Limit(words["limit"])
    role = words.get("role", "")
    if role not in ("", *Role.values):
        raise ValueError(_("there is no role of this name."))
    if words.get("resource") and words.get("type"):
        raise ValueError(_("it holds on one resource or one type, not both."))
    try:
        value = read_value(limit, words.get("value", ""))
    except ValueError as error:
        text = _("its value is not understood; write such as “2 h”, “3 bookings”, “no limit”.")
        raise ValueError(text) from error
    return LimitLine(
        limit=limit,
        role=role,
        resource=words.get("resource", "").strip(),
        type=words.get("type", "").strip(),
        value=value,
    )


def _example(row: object) -> ExampleLine:
    expect: list[str] | str = ""
    if isinstance(row, dict):
        expect = row.get("expect", "")
        row = {name: value for name, value in row.items() if name != "expect"}
    words = _words(row, _OF_EXAMPLE)
    codes = [expect] if isinstance(expect, str) else expect
    if not all(isinstance(each, str) and each for each in codes) or not codes:
        raise ValueError(_("say what to expect: allowed, or the codes of refusals."))
    if words.get("role") not in Role.values:
        raise ValueError(_("there is no role of this name."))
    for name in ("start", "end"):
        if not _is_moment(words.get(name, "")):
            raise ValueError(_("write moments such as “in 3 days, 10:00” or “next monday, 10:00”."))
    return ExampleLine(
        role=words["role"],
        resource=words.get("resource", "").strip(),
        start=words["start"],
        end=words["end"],
        expect=tuple(each for each in codes if each != ALLOWED),
    )


def _words(row: object, known: frozenset[str]) -> dict[str, str]:
    if not isinstance(row, dict) or not all(isinstance(each, str) for each in row.values()):
        raise ValueError(_("it must be names with one value each."))
    if unknown := sorted(row.keys() - known):
        raise ValueError(_unknown(unknown[0]))
    return row


def _unknown(name: str) -> str:
    return _("“%(name)s” is not known here.") % {"name": name[:40]}


def _is_moment(word: str) -> bool:
    found = _MOMENT.fullmatch(word.strip().lower())
    if found is None or int(found[3]) > 23 or int(found[4]) > 59:  # noqa: PLR2004 - a clock
        return False
    return found[2] in _WEEKDAYS if found[2] else int(found[1]) <= 366  # noqa: PLR2004 - a year


def _moment(word: str, now: datetime, zone: ZoneInfo) -> datetime:
    found = _MOMENT.fullmatch(word.strip().lower())
    if found is None:
        raise ValueError(word)
    today = now.astimezone(zone).date()
    ahead = int(found[1] or 0)
    if found[2]:
        ahead = (_WEEKDAYS.index(found[2]) - today.weekday() - 1) % 7 + 1
    clock = time(int(found[3]), int(found[4]))
    return datetime.combine(today + timedelta(days=ahead), clock, zone)


def _in_places(lines: list[LimitLine], places: Places | None, wrong: list[str]) -> list[LimitLine]:
    """The lines with the names that their places have now."""
    if places is None:
        return lines
    found = []
    for line in lines:
        resource = places.resources.get(line.resource.lower())
        kind = places.types.get(line.type.lower())
        if line.resource and resource is None:
            wrong.append(_("There is no resource “%(name)s”.") % {"name": line.resource[:120]})
        if line.type and kind is None:
            wrong.append(_("There is no type “%(name)s”.") % {"name": line.type[:100]})
        found.append(
            LimitLine(
                limit=line.limit,
                role=line.role,
                resource=resource.name if resource else "",
                type=kind.name if kind else "",
                value=line.value,
            )
        )
    return found


def _unknown_examples(examples: Iterable[ExampleLine], places: Places | None) -> list[str]:
    if places is None:
        return []
    return [
        _("There is no resource “%(name)s”.") % {"name": each.resource[:120]}
        for each in examples
        if each.resource.lower() not in places.resources
    ]


def _twice(lines: Sequence[LimitLine]) -> list[str]:
    seen: set[tuple[str, str, str, str]] = set()
    found = []
    for line in lines:
        if line.key in seen:
            found.append(
                _("“%(limit)s” stands twice for the same people and place.")
                % {"limit": line.limit.label}
            )
        seen.add(line.key)
    return found
