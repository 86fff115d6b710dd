"""Policies as text in versions: out, looked at, in."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit.services import record
from booking.errors import ActionRefused, BookingRefused
from booking.locks import lock_policies
from booking.models import PolicySet
from booking.rules.proposals import Proposal
from booking.services._managers import require_manager
from booking.services._policy_approvals import write_approval
from booking.services._policy_diff import Changes, compare
from booking.services._policy_examples import Proposed, Tried, try_examples
from booking.services._policy_file import PolicyFile, Standing, read_file, standing, write_file
from booking.services._policy_limits import write_limit
from booking.services._policy_lines import LimitLine
from booking.services._policy_places import Places, known_places
from booking.services._policy_prices import note_refused_prices, with_begun, write_price
from booking.services._policy_quotas import note_other_meaning, write_quota
from booking.services._policy_rows import Complaints
from booking.services._policy_yaml import refused
from labitory.lib.db import run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What applying a text would do: its changes, and examples that do not hold."""

    title: str
    changes: tuple[str, ...]
    failing: tuple[str, ...]
    # Every example with what came of it.
    tried: tuple[Tried, ...]
    # What was in force when this was worked out.
    seen: str

    @property
    def examples(self) -> int:
        """How many examples were tried."""
        return len(self.tried)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worked:
    file: PolicyFile
    places: Places
    changes: Changes
    tried: list[Tried]
    seen: str

    @property
    def failing(self) -> tuple[str, ...]:
        return tuple(each.sentence for each in self.tried if not each.holds)


def export_policies(*, actor: User | None) -> str:
    """Limits, approvals, quotas and prices as a text that changes nothing when it is applied.

    It keeps the examples of the version that was applied last. Without an actor an operator asks.
    """
    _require(actor)
    last = _last()
    now = standing()
    return write_file(
        PolicyFile(
            title=last.title if last else _("Policies"),
            limits=now.limits,
            approvals=now.approvals,
            quotas=now.quotas,
            prices=now.prices,
            examples=last.examples if last else (),
        )
    )


def preview_policies(*, actor: User | None, text: str, now: datetime) -> Preview:
    """What a text would change, and which of its examples would not hold. Nothing is written."""
    _require(actor)
    worked = _work_out(text, now)
    return Preview(
        title=worked.file.title,
        changes=worked.changes.sentences,
        failing=worked.failing,
        tried=tuple(worked.tried),
        seen=worked.seen,
    )


def apply_policies(*, actor: User, text: str, now: datetime, seen: str = "") -> PolicySet | None:
    """Make policies what a text says, as the next version; None where that is so already.

    Limits, and approvals, quotas and prices where it speaks of them; all of it or nothing. Prices
    that have begun stay as they are, whether it names them or not. All its examples must hold. With
    `seen` everything must be as it was when its changes were looked at.
    Raises `BookingRefused`, `ActionRefused` and `NotAllowed`.
    """
    _require(actor)
    return _apply(actor, text, now, seen)


def _apply(actor: User, text: str, now: datetime, seen: str) -> PolicySet | None:
    def work() -> PolicySet | None:
        lock_policies()
        worked = _work_out(text, now)
        if worked.failing:
            raise refused(*worked.failing, code="policies.example")
        if seen and seen != worked.seen:
            raise ActionRefused(
                code="policies.changed",
                text=_("The policies have changed since you looked: look at the changes again."),
            )
        latest = PolicySet.objects.first()
        sentences = worked.changes.sentences
        if not sentences and latest and _same_besides(worked.file):
            return None
        _write(worked, actor, now)
        made = PolicySet.objects.create(
            version=latest.version + 1 if latest else 1,
            title=worked.file.title,
            text=write_file(worked.file),
            changes=list(sentences),
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
                for each in worked.changes.limits
            },
            facts={"version": made.version, "count": len(sentences)},
        )
        return made

    return run_transaction(work)


def apply_again(*, actor: User, version: int, now: datetime, seen: str = "") -> PolicySet | None:
    """Make policies what an old version says, as the next version; None where that is so already.

    What it names must still be there, and its examples must hold. Raises `PolicySet.DoesNotExist`
    and whatever applying a text raises.
    """
    _require(actor)
    old = PolicySet.objects.get(version=version)
    return _apply(actor, old.text, now, seen)


def compare_sets(*, actor: User, before: PolicySet, after: PolicySet | None) -> tuple[str, ...]:
    """What a version changes of an earlier one; without one, what has changed since it."""
    _require(actor)
    new: PolicyFile | Standing = read_file(after.text) if after else standing()
    return compare(read_file(before.text), new).sentences


def _require(actor: User | None) -> None:
    if actor is not None:
        require_manager(may(actor, "policy.manage"), "policy.manage")


def _work_out(text: str, now: datetime) -> _Worked:
    places = known_places()
    file = read_file(text, places)
    present = standing()
    places.load("class", [each.price_class for each in present.prices])
    file = replace(file, prices=with_begun(file.prices, present.prices, now))
    changes = compare(present, file)
    wrong = Complaints()
    note_refused_prices([(each.before, each.after) for each in changes.prices], places, wrong, now)
    note_other_meaning([each.after for each in changes.quotas if each.after], wrong)
    wrong.raise_any()
    return _Worked(
        file=file,
        places=places,
        changes=changes,
        tried=_try(file, present, places, now),
        seen=_digest(present),
    )


def _try(file: PolicyFile, present: Standing, places: Places, now: datetime) -> list[Tried]:
    if not file.examples:
        return []
    approvals = present.approvals if file.approvals is None else file.approvals
    quotas = present.quotas if file.quotas is None else file.quotas
    places.load("user", [step.person for each in approvals for step in each.steps])
    places.load("group", [each.group for each in quotas])
    places.load("pool", [each.pool for each in quotas])
    proposed = Proposed(
        limits=Proposal(places.row(each) for each in file.limits),
        approvals=approvals,
        quotas=quotas,
        prices=present.prices if file.prices is None else file.prices,
        places=places,
    )
    return try_examples(file.examples, proposed, now)


def _digest(present: Standing) -> str:
    lines = (*present.limits, *present.approvals, *present.quotas, *present.prices)
    said = sorted(repr(each) for each in lines)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _last() -> PolicyFile | None:
    """The version that was applied last, if it can still be read."""
    latest = PolicySet.objects.first()
    try:
        return read_file(latest.text) if latest else None
    except BookingRefused:
        return None


def _same_besides(file: PolicyFile) -> bool:
    old = _last()
    return old is not None and (old.examples, old.title) == (file.examples, file.title)


def _write(worked: _Worked, actor: User, now: datetime) -> None:
    places = worked.places
    for limit in worked.changes.limits:
        write_limit(limit.before, limit.after, places)
    for approval in worked.changes.approvals:
        write_approval(approval.before, approval.after, places, actor=actor, now=now)
    for quota in worked.changes.quotas:
        write_quota(quota.before, quota.after, places, actor=actor, now=now)
    for price in worked.changes.prices:
        write_price(price.before, price.after, places, actor=actor, now=now)


def _name(line: LimitLine) -> str:
    return " ".join(
        part for part in (line.limit.value, line.role, line.resource, line.type) if part
    )
