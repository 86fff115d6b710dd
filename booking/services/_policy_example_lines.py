"""Examples of a policy file: who books what and when, and what must come of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.enums import Role
from booking.enums import ApproverKind, Needed
from booking.rules.approvals import ApprovalStep
from booking.services._policy_limits import read_role
from booking.services._policy_rows import Row

ALLOWED = "allowed"
AT_ONCE = "allowed at once"
OVER_QUOTA = "over quota"
QUOTA_CODE = "quota.allowance"
NEEDS = "needs approval"
_LONGEST_WORD = 150
_MOST_CODES = 10
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOMENT = re.compile(r"(?:in (\d{1,3}) days?|next ([a-z]+)),? (\d\d):(\d\d)", re.ASCII)
_CODE = re.compile(r"[a-z_]+\.[a-z_]+", re.ASCII)
_WHO = re.compile(r"(all )?(responsible|lead|supervisor|role [a-z_]+|person \S+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleLine:
    """Somebody who books, and what must come of it; moments are relative to today."""

    role: str
    resource: str
    start: str
    end: str
    # Codes of refusals in order, or one word for what comes of it; none: allowed.
    expect: tuple[str, ...]
    # Whose quotas count it besides the person's own.
    group: str = ""
    project: str = ""
    # What was taken already of every quota that counts it, in percent.
    used: int = 0
    at: str = field(default="", compare=False)

    def moments(self, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The start and the end, the days counted from today in the zone."""
        return _moment(self.start, now, zone), _moment(self.end, now, zone)


def read_example(row: Row) -> ExampleLine | None:
    """An example as the file has it; None where it makes no sense, which is noted."""
    role, resource = read_role(row), row.word("resource", most=_LONGEST_WORD)
    if row.is_block and not (role and resource):
        row.complain("", _("Say who books what: `role:` and `resource:`."))
    hint = _("write moments such as “in 3 days, 10:00” or “next monday, 10:00”.")
    start, end = (row.value(name, _read_moment, hint, "") for name in ("start", "end"))
    for name in ("start", "end"):
        if row.is_block and not row.has(name):
            row.complain("", _("`%(name)s:` is missing: %(hint)s") % {"name": name, "hint": hint})
    expect = _read_expected(row)
    used = row.value("used", _read_used, _("write such as “50 percent”, at most 1000."), 0)
    line = ExampleLine(
        role=role,
        resource=resource,
        start=start,
        end=end,
        expect=expect,
        group=row.word("group", most=_LONGEST_WORD),
        project=row.word("project", most=_LONGEST_WORD),
        used=used,
        at=row.at,
    )
    row.close()
    return line if role and resource and start and end else None


def example_out(line: ExampleLine) -> dict[str, Any]:
    """An example as the file writes it."""
    found: dict[str, Any] = {"role": str(line.role), "resource": line.resource}
    found |= {name: word for name in ("group", "project") if (word := getattr(line, name))}
    found |= {"start": line.start, "end": line.end}
    if line.used:
        found["used"] = f"{line.used} percent"
    codes = len(line.expect) > 1 or (line.expect and _CODE.fullmatch(line.expect[0]))
    found["expect"] = list(line.expect) if codes else line.expect[0] if line.expect else ALLOWED
    return found


def say_steps(steps: Iterable[ApprovalStep], names: dict[int, str]) -> str:
    """Who is asked, as an example expects it: 'needs approval by responsible, then all lead'."""
    said = []
    for step in steps:
        who = str(step.approver.value)
        if step.approver == ApproverKind.ROLE:
            who = f"role {step.role}"
        elif step.approver == ApproverKind.PERSON:
            who = f"person {names.get(step.person_id or 0, '')}"
        said.append(f"all {who}" if step.needed == Needed.ALL else who)
    return f"{NEEDS} by {', then '.join(said)}"


def _read_expected(row: Row) -> tuple[str, ...]:
    words = row.words("expect", _MOST_CODES)
    if not words:
        row.complain("expect", _("Say what to expect: allowed, or the codes of refusals."))
    for word in words:
        if not (_CODE.fullmatch(word) or (len(words) == 1 and _is_outcome(word))):
            text = _(
                "“%(word)s” is no outcome: write allowed, allowed at once, over quota, needs "
                "approval by such as “responsible, then role lab_manager”, or codes of refusals."
            )
            row.complain("expect", text % {"word": word[:60]})
    return tuple(word for word in words if word != ALLOWED)


def _is_outcome(word: str) -> bool:
    if word in (ALLOWED, AT_ONCE, OVER_QUOTA, NEEDS):
        return True
    head, by, steps = word.partition(" by ")
    if head != NEEDS or not by:
        return False
    found = [_WHO.fullmatch(each) for each in steps.split(", then ")]
    roles = {each[2].removeprefix("role ") for each in found if each and each[2][:5] == "role "}
    return all(found) and roles <= set(Role.values)


def _read_moment(word: str) -> str:
    found = _MOMENT.fullmatch(word.strip().lower())
    if found is None or int(found[3]) > 23 or int(found[4]) > 59:  # noqa: PLR2004 - a clock
        raise ValueError(word)
    if found[2] not in _WEEKDAYS if found[2] else int(found[1]) > 366:  # noqa: PLR2004 - a year
        raise ValueError(word)
    return str(word)


def _read_used(word: str) -> int:
    found = re.fullmatch(r"(\d{1,4})\s*(?:%|percent)", word.strip().lower(), re.ASCII)
    if found is None or int(found[1]) > 1000:  # noqa: PLR2004 - ten times what there is
        raise ValueError(word)
    return int(found[1])


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
