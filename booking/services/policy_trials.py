"""What if: past bookings asked again under limits that are not in force."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit.services import record
from booking.enums import Limit, TrialState
from booking.errors import ActionRefused
from booking.models import PolicyTrial
from booking.queries.policy_trials import (
    count_bookings,
    past_of,
    people_who_booked,
    resource_facts,
    rows_in_force,
)
from booking.rules.proposals import LimitRow, Proposal
from booking.rules.replay import MOST_MONTHS
from booking.services import _trial_sums
from booking.services._managers import require_manager
from booking.services._policy_file import read_file
from booking.services._policy_places import known_places
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period

MOST_UNFINISHED = 10
# A worker says at least so often that it lives; one that is silent is taken to be dead.
PATIENCE = timedelta(minutes=2)
CHUNK = 25
_UNFINISHED = (TrialState.WAITING, TrialState.RUNNING)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWish:
    """What is tried: one limit changed, or a whole policy file instead of all that is in force."""

    title: str
    months: int
    text: str = ""
    change: LimitRow | None = None


_wakers: list[Callable[[], None]] = []


def register_waker(wake: Callable[[], None]) -> None:
    """Say how to ask a worker to look at once; without it the sweep finds what waits."""
    _wakers.append(wake)


class _Lost(Exception):
    """The trial was stopped, or another worker has it."""


def start_trial(*, actor: User, wish: TrialWish, now: datetime) -> PolicyTrial:
    """Ask for a trial; workers do it. Raises `NotAllowed`, `BookingRefused`, `ActionRefused`."""
    require_manager(may(actor, "policy.manage"), "policy.manage")
    if not 1 <= wish.months <= MOST_MONTHS:
        raise _refused(_("Between 1 and %(n)s months.") % {"n": MOST_MONTHS}, "months")
    if not wish.title.strip():
        raise _refused(_("Give it a name."), "title")
    if bool(wish.text) == (wish.change is not None):
        raise _refused(_("Change a limit, or give a text of policies: one of them."), "text")
    if wish.change and wish.change.resource_id and wish.change.type_id:
        raise _refused(_("A limit holds for one resource or one type, not both."), "resource")

    def work() -> PolicyTrial:
        if PolicyTrial.objects.filter(state__in=_UNFINISHED).count() >= MOST_UNFINISHED:
            raise _refused(_("Ten trials wait already: let them finish, or stop one."), "")
        trial = PolicyTrial.objects.create(
            title=wish.title.strip()[:120],
            proposed=[asdict(row) for row in _proposed(wish)],
            starts_at=now - relativedelta(months=wish.months),
            ends_at=now,
            asked_by=actor,
            asked_at=now,
        )
        record(action="policy_trial.started", actor=actor, target=trial, now=now)
        for wake in _wakers:
            transaction.on_commit(wake, robust=True)
        return trial

    return run_transaction(work)


def cancel_trial(*, actor: User, trial_id: UUID, now: datetime) -> None:
    """Stop a trial that is not finished; its worker notices with its next chunk.

    Raises `NotAllowed`, `ActionRefused` and `PolicyTrial.DoesNotExist`.
    """
    require_manager(may(actor, "policy.manage"), "policy.manage")

    def work() -> None:
        trial = PolicyTrial.objects.get(public_id=trial_id)
        stopped = PolicyTrial.objects.filter(pk=trial.pk, state__in=_UNFINISHED).update(
            state=TrialState.FAILED,
            error=_("Stopped by %(who)s.") % {"who": actor.full_name},
            finished_at=now,
        )
        if not stopped:
            raise ActionRefused(code="trial.over", text=_("This trial is over already."))
        record(action="policy_trial.cancelled", actor=actor, target=trial, now=now)

    run_transaction(work)


def run_trials(*, clock: Clock) -> int:
    """Do the trials that wait, and those whose worker has died; gives how many were finished."""
    finished = 0
    while (trial := _take(clock())) is not None:
        try:
            _run(trial, clock)
            finished += 1
        except _Lost:
            continue
        except OperationalError:
            # The database went away: whoever finds it again takes over.
            raise
        except Exception:
            _fail(trial, clock())
            raise
    return finished


def _fail(trial: PolicyTrial, now: datetime) -> None:
    """What cannot be done is not tried for ever."""
    PolicyTrial.objects.filter(pk=trial.pk, state=TrialState.RUNNING).update(
        state=TrialState.FAILED,
        error=_("Something went wrong; operators find it in the log."),
        finished_at=now,
    )


def _take(now: datetime) -> PolicyTrial | None:
    """The oldest trial that nobody is at, which is then ours."""
    dead = Q(state=TrialState.RUNNING, alive_at__lt=now - PATIENCE)
    for trial in PolicyTrial.objects.filter(Q(state=TrialState.WAITING) | dead).order_by("pk"):
        seen = {"alive_at": trial.alive_at} if trial.alive_at else {"alive_at__isnull": True}
        taken = PolicyTrial.objects.filter(pk=trial.pk, state=trial.state, **seen)
        if taken.update(state=TrialState.RUNNING, alive_at=now):
            trial.state, trial.alive_at = TrialState.RUNNING, now
            return trial
    return None


def _run(trial: PolicyTrial, clock: Clock) -> None:
    """Go on where the last worker was: each chunk of people is added up and kept at once."""
    window = Period(trial.starts_at, trial.ends_at)
    sums: dict[str, Any] = trial.result or _trial_sums.nothing()
    proposal = Proposal(_row(each) for each in trial.proposed)
    present = Proposal(rows_in_force())
    resources = resource_facts()
    _keep(trial, clock(), total=count_bookings(window), done=sums["bookings"], result=sums)
    people = people_who_booked(window, after=sums["after"])
    for first in range(0, len(people), CHUNK):
        chunk = past_of(people[first : first + CHUNK], window)
        _trial_sums.add_people(sums, chunk, resources, proposal=proposal, present=present)
        _keep(trial, clock(), done=sums["bookings"], result=sums)
    now = clock()
    _keep(trial, now, state=TrialState.DONE, result=_trial_sums.finish(sums), finished_at=now)


def _keep(trial: PolicyTrial, now: datetime, **values: Any) -> None:
    """Write progress if the trial is still ours."""
    ours = PolicyTrial.objects.filter(
        pk=trial.pk, state=TrialState.RUNNING, alive_at=trial.alive_at
    )
    if not ours.update(alive_at=now, **values):
        raise _Lost
    trial.alive_at = now


def _proposed(wish: TrialWish) -> Iterable[LimitRow]:
    if wish.text:
        places = known_places()
        return [places.row(each) for each in read_file(wish.text, places).limits]
    change = wish.change
    kept = [row for row in rows_in_force() if change is None or not _same_place(row, change)]
    return kept if change is None else [*kept, change]


def _same_place(row: LimitRow, other: LimitRow) -> bool:
    return (row.limit, row.role, row.resource_id, row.type_id) == (
        other.limit,
        other.role,
        other.resource_id,
        other.type_id,
    )


def _row(stored: dict[str, Any]) -> LimitRow:
    return LimitRow(**{**stored, "limit": Limit(stored["limit"])})


def _refused(text: str, field: str) -> ActionRefused:
    return ActionRefused(code="trial.wish", text=text, field=field, status=422)
