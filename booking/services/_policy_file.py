"""A whole policy file: read, with its names found, and written again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from booking.enums import Limit
from booking.errors import ActionRefused
from booking.services._approval_writing import require_sense
from booking.services._policy_approvals import (
    approval_details,
    approval_out,
    read_approval,
    standing_approvals,
)
from booking.services._policy_example_lines import ExampleLine, example_out, read_example
from booking.services._policy_limits import limit_out, read_limit, standing_limits
from booking.services._policy_lines import ApprovalLine, Key, LimitLine, PriceLine, QuotaLine
from booking.services._policy_places import Places, say_unknown
from booking.services._policy_prices import (
    price_out,
    read_price,
    require_sound_price,
    standing_prices,
)
from booking.services._policy_quotas import (
    quota_details,
    quota_out,
    read_quota,
    standing_quotas,
)
from booking.services._policy_rows import Complaints, Row
from booking.services._policy_yaml import Block, Listing, read_yaml, refused, write_yaml
from booking.services._quota_writing import require_sound

_MOST_LIMITS = 5000
_MOST_OTHERS = 1000
_MOST_EXAMPLES = 200
_LONGEST_TITLE = 120
_T = TypeVar("_T")
_Line = TypeVar("_Line", LimitLine, ApprovalLine, QuotaLine, PriceLine)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """All that a policy file says; of all but limits None leaves them as they are."""

    title: str
    limits: tuple[LimitLine, ...]
    approvals: tuple[ApprovalLine, ...] | None = None
    quotas: tuple[QuotaLine, ...] | None = None
    prices: tuple[PriceLine, ...] | None = None
    examples: tuple[ExampleLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is in force, in the words of a file."""

    limits: tuple[LimitLine, ...]
    approvals: tuple[ApprovalLine, ...]
    quotas: tuple[QuotaLine, ...]
    prices: tuple[PriceLine, ...]


def standing() -> Standing:
    """Limits, approvals, quotas and prices as they are now."""
    return Standing(
        limits=standing_limits(),
        approvals=standing_approvals(),
        quotas=standing_quotas(),
        prices=standing_prices(),
    )


def read_file(text: str, places: Places | None = None) -> PolicyFile:
    """A file that makes sense by itself and, with places, only names what there is.

    Raises `BookingRefused` with all that is wrong, at most twenty things, each with its line.
    """
    content = read_yaml(text)
    if not isinstance(content, Block) or not isinstance(content.get("limits"), Listing):
        raise refused(
            _("The text must have `limits:` with a list: write `limits: []` where there are none.")
        )
    wrong = Complaints()
    row = Row(content, "", wrong)
    file = PolicyFile(
        title=row.word("title", most=_LONGEST_TITLE),
        limits=_section(row, "limits", _MOST_LIMITS, read_limit),
        approvals=_section(row, "approvals", _MOST_OTHERS, read_approval)
        if row.has("approvals")
        else None,
        quotas=_section(row, "quotas", _MOST_OTHERS, read_quota) if row.has("quotas") else None,
        prices=_section(row, "prices", _MOST_OTHERS, read_price) if row.has("prices") else None,
        examples=_section(row, "examples", _MOST_EXAMPLES, read_example),
    )
    for name in ("approvals", "quotas", "prices"):
        row.raw(name)
    row.close()
    if not file.title:
        row.complain("title", _("Give it a `title:` of at most 120 letters."))
    if places is not None:
        file = _settled(file, places, wrong)
    for lines in (file.limits, file.approvals or (), file.quotas or (), file.prices or ()):
        _note_twice(lines, wrong)
    wrong.raise_any()
    if places is not None:
        _note_nonsense(file, places, wrong)
        wrong.raise_any()
    return file


def write_file(file: PolicyFile) -> str:
    """A file as text, in a fixed order."""
    content: dict[str, Any] = {
        "title": file.title,
        "limits": [limit_out(each) for each in sorted(file.limits, key=_order)],
    }
    if file.approvals is not None:
        approvals = sorted(file.approvals, key=lambda line: (line.type, line.resource, line.role))
        content["approvals"] = [approval_out(each) for each in approvals]
    if file.quotas is not None:
        quotas = sorted(file.quotas, key=lambda line: line.name)
        content["quotas"] = [quota_out(each) for each in quotas]
    if file.prices is not None:
        prices = sorted(file.prices, key=lambda line: line.key)
        content["prices"] = [price_out(each) for each in prices]
    if file.examples:
        content["examples"] = [example_out(each) for each in file.examples]
    return write_yaml(content)


def _order(line: LimitLine) -> tuple[Any, ...]:
    return (list(Limit).index(line.limit), line.type.lower(), line.resource.lower(), line.role)


def _section(row: Row, name: str, most: int, read: Callable[[Row], _T | None]) -> tuple[_T, ...]:
    found = (read(each) for each in row.rows(name, most))
    return tuple(each for each in found if each is not None)


def _settled(file: PolicyFile, places: Places, wrong: Complaints) -> PolicyFile:
    """The file with the names that its places have now; what there is not is noted."""
    quotas, approvals = file.quotas or (), file.approvals or ()
    people = [step.person for each in approvals for step in each.steps]
    places.load("user", [*people, *(each.user for each in quotas)])
    for kind in ("group", "project"):
        places.load(kind, [getattr(each, kind) for each in (*quotas, *file.examples)])
    places.load("pool", [each.pool for each in quotas])
    places.load("class", [each.price_class for each in file.prices or ()])
    for each in approvals:
        for step in each.steps:
            _note_unknown(places, each.at, {"user": step.person}, wrong)
    for quota in quotas:
        others = {kind: getattr(quota, kind) for kind in ("user", "group", "project", "pool")}
        _note_unknown(places, quota.at, others, wrong)
    for price in file.prices or ():
        _note_unknown(places, price.at, {"class": price.price_class}, wrong)
    for example in file.examples:
        words = {kind: getattr(example, kind) for kind in ("resource", "group", "project")}
        _note_unknown(places, example.at, words, wrong)
    return replace(
        file,
        limits=_in_places(file.limits, places, wrong),
        approvals=None if file.approvals is None else _in_places(approvals, places, wrong),
        quotas=None if file.quotas is None else _in_places(quotas, places, wrong),
        prices=None if file.prices is None else _in_places(file.prices, places, wrong),
    )


def _in_places(lines: Iterable[_Line], places: Places, wrong: Complaints) -> tuple[_Line, ...]:
    found = []
    for line in lines:
        _note_unknown(places, line.at, {"resource": line.resource, "type": line.type}, wrong)
        resource, kind = places.find("resource", line.resource), places.find("type", line.type)
        found.append(
            replace(
                line,
                resource=resource.name if resource else "",
                type=kind.name if kind else "",
            )
        )
    return tuple(found)


def _note_unknown(places: Places, at: str, words: dict[str, str], wrong: Complaints) -> None:
    for kind, word in words.items():
        if word and places.find(kind, word) is None:
            wrong.add(at, say_unknown(kind, word))


def _note_nonsense(file: PolicyFile, places: Places, wrong: Complaints) -> None:
    """What those who write policies, quotas and prices would refuse, with its line."""
    for approval in file.approvals or ():
        _note(partial(require_sense, approval_details(approval, places)), approval, wrong)
    for quota in file.quotas or ():
        _note(partial(require_sound, quota_details(quota, places)), quota, wrong)
    for price in file.prices or ():
        _note(partial(require_sound_price, price, places), price, wrong)


def _note(
    check: Callable[[], None], line: ApprovalLine | QuotaLine | PriceLine, wrong: Complaints
) -> None:
    try:
        check()
    except ActionRefused as error:
        for refusal in error.refusals:
            wrong.add(line.at, refusal.text)


def _note_twice(
    lines: Sequence[LimitLine | ApprovalLine | QuotaLine | PriceLine], wrong: Complaints
) -> None:
    seen: dict[Key, str] = {}
    for line in lines:
        if line.key in seen:
            text = _(
                "This stands twice for the same people and place, first at %(first)s: keep one."
            )
            if isinstance(line, QuotaLine):
                text = _("A quota of this name stands at %(first)s already: give it another name.")
            wrong.add(line.at, text % {"first": seen[line.key]})
        seen.setdefault(line.key, line.at)
