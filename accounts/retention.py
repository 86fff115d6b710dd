"""How long personal data are kept, and who deletes what is older."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from accounts.enums import DataKind
from accounts.models import RetentionRule

LEAST_DAYS, MOST_DAYS = 30, 3650
# What counts where nobody has set anything else.
DEFAULT_DAYS: Mapping[DataKind, int] = {
    DataKind.SECURITY_EVENTS: 365,
    DataKind.DATA_ACCESS: 730,
    DataKind.NOTICES: 180,
    DataKind.DEMAND: 730,
    DataKind.CLOSED_ACCOUNTS: 1095,
    DataKind.REGISTRATIONS: 90,
}
# Deletes up to so many rows that are older than a moment, in the open transaction, and gives how
# many went: `sweep(before=, now=, limit=)`.
Sweeper = Callable[..., int]

_sweepers: dict[DataKind, list[Sweeper]] = {}


def declare_sweeper(kind: DataKind, sweeper: Sweeper) -> None:
    """Name who deletes what is too old of a kind."""
    _sweepers.setdefault(kind, []).append(sweeper)


def sweepers(kind: DataKind) -> list[Sweeper]:
    """All who delete what is too old of a kind."""
    return _sweepers.get(kind, [])


def days_kept() -> dict[DataKind, int]:
    """For how many days each kind of data is kept: as set, or as the product has it."""
    set_by_hand = dict(RetentionRule.objects.values_list("kind", "days"))
    return {kind: set_by_hand.get(kind, DEFAULT_DAYS[kind]) for kind in DataKind}


def too_old_before(days: int, now: datetime) -> datetime:
    """What is older than this is too old; never less than the least that may be set."""
    return now - timedelta(days=max(days, LEAST_DAYS))
