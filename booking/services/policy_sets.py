"""Policies as text in versions: out, looked at, in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit.services import record
from booking.errors import ActionRefused, BookingRefused
from booking.locks import lock_policies
from booking.models import BookingPolicy, PolicySet
from booking.rules.proposals import Proposal
from booking.services._managers import require_manager
from booking.services._policy_diff import LimitChange, compare
from booking.services._policy_examples import Tried, try_examples
from booking.services._policy_file import (
    LimitLine,
    Places,
    PolicyFile,
    known_places,
    lines_in_force,
    read_file,
    write_file,
)
from booking.services._policy_yaml import refused
from labitory.lib.db import run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What applying a text would do: its changes, and examples that do not hold."""

    title: str
    changes: tuple[str, ...]
    failing: tuple[str, ...]
    examples: int
    # What the limits were when this was worked out.
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worked:
    file: PolicyFile
    places: Places
    changes: list[LimitChange]
    tried: list[Tried]
    seen: str

    @property
    def failing(self) -> tuple[str, ...]:
        return tuple(each.sentence for each in self.tried if not each.holds)


def export_policies(*, actor: User | None) -> str:
    """The limits in force as a text that changes nothing when it is applied.

    It keeps the examples of the version that was applied last. Without an actor an operator asks.
    """
    _require(actor)
    latest = PolicySet.objects.first()
    last = read_file(latest.text) if latest else None
    return write_file(
        PolicyFile(
            title=last.title if last else _("Policies"),
            limits=lines_in_force(),
            examples=last.examples if last else (),
        )
    )


def preview_policies(*, actor: User | None, text: str, now: datetime) -> Preview:
    """What a text would change, and which of its examples would not hold. Nothing is written."""
    _require(actor)
    worked = _work_out(text, now)
    return Preview(
        title=worked.file.title,
        changes=tuple(each.sentence for each in worked.changes),
        failing=worked.failing,
        examples=len(worked.tried),
        seen=worked.seen,
    )


def apply_policies(*, actor: User, text: str, now: datetime, seen: str = "") -> PolicySet | None:
    """Make the limits what a text says, as the next version; None where that is so already.

    All its examples must hold. With `seen` the limits must be what they were when its changes
    were looked at. Raises `BookingRefused`, `ActionRefused` and `NotAllowed`.
    """
    _require(actor)

    def work() -> PolicySet | None:
        lock_policies()
        worked = _work_out(text, now)
        if worked.failing:
            raise refused(*worked.failing, code="policies.example")
        if seen and seen != worked.seen:
            raise ActionRefused(
                code="policies.changed",
                text=_("The limits have changed since you looked: look at the changes again."),
            )
        latest = PolicySet.objects.first()
        if not worked.changes and latest and _same_besides(latest, worked.file):
            return None
        _write(worked.changes, worked.places)
        made = PolicySet.objects.create(
            version=latest.version + 1 if latest else 1,
            title=worked.file.title,
            text=write_file(worked.file),
            changes=[each.sentence for each in worked.changes],
            applied_by=actor,
            applied_at=now,
        )
        record(
            action="policy_set.applied",
            actor=actor,
            target=made,
            now=now,
            changes={
                _name(each.line): (
                    each.before.value if each.before else None,
                    each.after.value if each.after else None,
                )
                for each in worked.changes
            },
            facts={"version": made.version, "count": len(worked.changes)},
        )
        return made

    return run_transaction(work)


def compare_sets(*, actor: User, before: PolicySet, after: PolicySet | None) -> tuple[str, ...]:
    """What a version changes of an earlier one; without one, what has changed since it."""
    _require(actor)
    new = read_file(after.text).limits if after else lines_in_force()
    return tuple(each.sentence for each in compare(read_file(before.text).limits, new))


def _require(actor: User | None) -> None:
    if actor is not None:
        require_manager(may(actor, "policy.manage"), "policy.manage")


def _work_out(text: str, now: datetime) -> _Worked:
    places = known_places()
    file = read_file(text, places)
    standing = lines_in_force()
    proposal = Proposal(places.row(each) for each in file.limits)
    return _Worked(
        file=file,
        places=places,
        changes=compare(standing, file.limits),
        tried=_try(file, places, proposal, now),
        seen=_digest(standing),
    )


def _try(file: PolicyFile, places: Places, proposal: Proposal, now: datetime) -> list[Tried]:
    return try_examples(file.examples, places, proposal, now) if file.examples else []


def _digest(lines: Sequence[LimitLine]) -> str:
    said = sorted(f"{each.key} {each.value}" for each in lines)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _same_besides(latest: PolicySet, file: PolicyFile) -> bool:
    try:
        old = read_file(latest.text)
    except BookingRefused:
        return False
    return old.examples == file.examples and old.title == file.title


def _write(changes: Sequence[LimitChange], places: Places) -> None:
    for change in changes:
        row = places.row(change.line)
        scope: dict[str, Any] = {
            "limit": row.limit,
            "role": row.role,
            "resource_id": row.resource_id,
            "resource_type_id": row.type_id,
        }
        if change.after is None:
            BookingPolicy.objects.filter(**scope).delete()
        else:
            BookingPolicy.objects.update_or_create(**scope, defaults={"value": row.value})


def _name(line: LimitLine) -> str:
    return " ".join(
        part for part in (line.limit.value, line.role, line.resource, line.type) if part
    )
