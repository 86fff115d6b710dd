"""Setting quotas, and adding to or taking from somebody's account."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import EntryKind, Measure, QuotaPeriod
from booking.errors import NotAllowed
from booking.locks import lock_quota, lock_shared
from booking.models import Quota
from booking.queries.quotas import holder_names, people_of
from booking.rules.shares import period_start, say_amount
from booking.services._quota_writing import (
    LARGEST,
    QuotaDetails,
    SavedQuota,
    is_countable,
    put_in_force,
    put_quota,
    refused_quota,
    require_quota_manager,
    require_sound,
    tell_people,
)
from booking.services._quotas import Line, write_lines
from labitory.lib.db import run_transaction

__all__ = [
    "LARGEST",
    "QuotaDetails",
    "SavedQuota",
    "adjust_account",
    "save_quota",
    "set_quota_active",
]


def save_quota(
    *, actor: User, quota_id: UUID | None, details: QuotaDetails, now: datetime
) -> SavedQuota:
    """Write a quota, a new one or one that is there; it counts what is booked from now on.

    A smaller amount takes nothing away from what is booked: those who have more than that are
    told, and book no more until they are within it. What a quota counts by, for how long and who
    shares it stays once anything was booked under it. Raises `Quota.DoesNotExist`, `NotAllowed`
    and `ActionRefused`.
    """
    require_sound(details)

    def work() -> SavedQuota:
        quota = lock_quota(quota_id) if quota_id else Quota(created_at=now)
        if quota_id:
            require_quota_manager(actor, quota)
        return put_quota(quota=quota, details=details, actor=actor, now=now)

    return run_transaction(work)


def set_quota_active(*, actor: User, quota_id: UUID, is_active: bool, now: datetime) -> Quota:
    """End a quota or put it in force again; its ledger stays and follows what it counted.

    Raises `Quota.DoesNotExist` and `NotAllowed`.
    """

    def work() -> Quota:
        quota = lock_quota(quota_id)
        require_quota_manager(actor, quota)
        put_in_force(quota=quota, is_active=is_active, actor=actor, now=now)
        return quota

    return run_transaction(work)


def adjust_account(
    *,
    actor: User,
    quota_id: UUID,
    holder_id: int,
    day: date,
    amount: Decimal,
    reason: str,
    now: datetime,
) -> None:
    """Add to what somebody may take in the period that holds the day, or take from it.

    Nobody adjusts an account that they share. The holder's people are told why. Raises
    `Quota.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """

    def work() -> None:
        quota = lock_quota(quota_id)
        require_quota_manager(actor, quota)
        _require_adjustment(Measure(quota.measure), amount, reason)
        people = people_of(quota, [holder_id])
        name = holder_names(quota, [holder_id]).get(holder_id)
        if name is None:
            raise refused_quota("quota.holder", _("There is nobody of that name."), "who")
        if actor.pk in people:
            raise NotAllowed(code="quota.own", text=_("Nobody adjusts an account that they share."))
        lock_shared((), [(quota.pk, holder_id)])
        start = period_start(QuotaPeriod(quota.period), day)
        write_lines([_adjustment((quota.pk, holder_id, start), amount, reason)], now=now)
        said = say_amount(Measure(quota.measure), amount)
        record(
            action="quota.adjusted",
            actor=actor,
            target=quota,
            now=now,
            reason=reason,
            facts={"quota": quota.name, "holder": name, "amount": said, "from": f"{start}"},
        )
        tell_people(
            "quota.adjusted",
            people,
            actor,
            now,
            {"quota": quota.name, "amount": said, "from": {"day": f"{start}"}, "reason": reason},
        )

    run_transaction(work)


def _require_adjustment(measure: Measure, amount: Decimal, reason: str) -> None:
    if not reason.strip():
        raise refused_quota("quota.reason", _("Say why: it stands in the ledger."), "reason")
    if not amount or abs(amount) > LARGEST or not is_countable(measure, amount):
        text = (
            _("Write an amount with two decimals at most, more or less than nothing.")
            if measure == Measure.COST
            else _("Write a whole number, more or less than nothing.")
        )
        raise refused_quota("quota.amount", text, "amount")


def _adjustment(key: tuple[int, int, date], amount: Decimal, reason: str) -> Line:
    """What is added stands beside what was carried over, what is taken counts as used."""
    return Line(
        key=key,
        booking_id=None,
        kind=EntryKind.ADJUSTED,
        carried=max(amount, Decimal(0)),
        used=max(-amount, Decimal(0)),
        note=reason.strip()[:200],
    )
