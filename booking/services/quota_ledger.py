"""The ledger of quotas as a whole: is it right, and what does a new period begin with."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from django.db.models import DecimalField, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from audit.services import record
from booking.enums import EntryKind, QuotaPeriod
from booking.locks import lock_booking, lock_ledger
from booking.models import Booking, Quota, QuotaAccount, QuotaEntry
from booking.queries.quotas import facts_of
from booking.rules.shares import NOTHING, carry, period_start
from booking.services._quotas import (
    Amount,
    Key,
    Known,
    Line,
    known_amounts,
    lines_between,
    open_accounts,
    wanted_amounts,
)
from labitory.lib.db import run_transaction
from labitory.lib.http import lab_zone

BATCH = 500
_NUMBERS = ("carried", "reserved", "used")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A number of an account that is not what it should be."""

    quota: str
    starts_on: date
    holder_id: int
    # What it was compared with: the booking, or "" for the sum of the account's lines.
    booking: str
    column: str
    is_now: Decimal
    should_be: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrong:
    """A line that a booking lacks on the ledger, and what it would put right."""

    line: Line
    differences: tuple[Difference, ...]


def check_ledger(*, now: datetime, repair: bool = False) -> list[Difference]:
    """Every account must be the sum of its lines, and every line what its booking says.

    With `repair` lines that say so bring the ledger in line with the bookings, and the accounts in
    line with the ledger; nobody writes to it meanwhile. Gives what was found.
    """
    if not repair:
        return _all_of(_wrong_accounts(), _wrong_bookings())

    def work() -> list[Difference]:
        lock_ledger()
        accounts, bookings = _wrong_accounts(), _wrong_bookings()
        for wrong in bookings:
            _add(wrong.line, now)
        for difference in accounts:
            _note(difference, now)
        _sum_up()
        found = _all_of(accounts, bookings)
        _record_repair(found, now)
        return found

    return run_transaction(work)


def _all_of(accounts: list[Difference], bookings: list[_Wrong]) -> list[Difference]:
    return [*accounts, *(difference for each in bookings for difference in each.differences)]


def open_due_accounts(*, now: datetime) -> int:
    """Carry what was left of the last period to everybody who took part in it; gives how many.

    Whoever books first in a period opens their account themselves, in the same way.
    """
    zone = lab_zone()
    today = now.astimezone(zone).date()
    opened: dict[Key, Decimal] = {}
    for quota in Quota.objects.filter(is_active=True, carry_percent__gt=0).exclude(
        period=QuotaPeriod.ROLLING
    ):
        period = QuotaPeriod(quota.period)
        start = period_start(period, today)
        last = period_start(period, date.fromordinal(start.toordinal() - 1))
        by_holder: dict[int, list[QuotaAccount]] = {}
        for account in quota.accounts.filter(starts_on__in=(last, start)):
            by_holder.setdefault(account.holder_id, []).append(account)
        for holder_id, accounts in by_holder.items():
            coming = carry(facts_of(quota, holder_id, accounts), start, today, zone)
            if coming is not None:
                opened[quota.pk, holder_id, start] = coming
    run_transaction(lambda: open_accounts(opened, now=now))
    return len(opened)


def _summed() -> "QuerySet[QuotaAccount]":
    """The accounts with the sums of their lines."""
    return QuotaAccount.objects.annotate(
        **{
            f"sum_{name}": Coalesce(Sum(f"entries__{name}"), NOTHING, output_field=DecimalField())
            for name in _NUMBERS
        }
    )


def _differs() -> Q:
    wrong = Q()
    for name in _NUMBERS:
        wrong |= ~Q(**{f"sum_{name}": F(name)})
    return wrong


def _wrong_accounts() -> list[Difference]:
    return [
        Difference(
            quota=account.quota.name,
            starts_on=account.starts_on,
            holder_id=account.holder_id,
            booking="",
            column=name,
            is_now=getattr(account, name),
            should_be=getattr(account, f"sum_{name}"),
        )
        for account in _summed().filter(_differs()).select_related("quota").order_by("pk")
        for name in _NUMBERS
        if getattr(account, name) != getattr(account, f"sum_{name}")
    ]


def _wrong_bookings() -> list[_Wrong]:
    """Where lines and booking differ; looked at twice, because bookings change meanwhile."""
    names = dict(Quota.objects.values_list("pk", "name"))
    found: list[_Wrong] = []
    for batch in _batches():
        known = known_amounts([booking.pk for booking in batch])
        for booking in batch:
            if _lines(booking, known.get(booking.pk)):
                found += run_transaction(partial(_look_again, booking.public_id, names))
    return found


def _lines(booking: Booking, known: Known | None) -> list[Line]:
    if known is None:
        return []
    return lines_between(booking.pk, known.amounts, wanted_amounts(booking, known.quotas))


def _batches() -> Iterator[list[Booking]]:
    last = 0
    while True:
        counted = Booking.objects.filter(quota_entries__isnull=False, pk__gt=last).distinct()
        batch = list(counted.select_related("resource").order_by("pk")[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def _look_again(booking_id: UUID, names: Mapping[int, str]) -> list[_Wrong]:
    booking = lock_booking(booking_id)
    known = known_amounts([booking.pk])[booking.pk]
    return [
        _Wrong(line=line, differences=tuple(_differences(booking, known, line, names)))
        for line in _lines(booking, known)
    ]


def _differences(
    booking: Booking, known: Known, line: Line, names: Mapping[int, str]
) -> Iterator[Difference]:
    quota_id, holder_id, starts_on = line.key
    has = known.amounts.get(line.key, Amount())
    for column, is_now, change in (
        ("reserved", has.reserved, line.reserved),
        ("used", has.used, line.used),
    ):
        if change:
            yield Difference(
                quota=names[quota_id],
                starts_on=starts_on,
                holder_id=holder_id,
                booking=str(booking.public_id),
                column=column,
                is_now=is_now,
                should_be=is_now + change,
            )


def _add(line: Line, now: datetime) -> None:
    """A line that brings the ledger in line with a booking; its account is summed up later."""
    quota_id, holder_id, starts_on = line.key
    account, _made = QuotaAccount.objects.get_or_create(
        quota_id=quota_id, holder_id=holder_id, starts_on=starts_on
    )
    QuotaEntry.objects.create(
        account=account,
        booking_id=line.booking_id,
        kind=EntryKind.ADJUSTED,
        reserved=line.reserved,
        used=line.used,
        note=_("Brought in line with the booking."),
        at=now,
    )


def _note(difference: Difference, now: datetime) -> None:
    """A line without an amount, for an account that was not the sum of its lines."""
    QuotaEntry.objects.create(
        account=QuotaAccount.objects.get(
            quota__name=difference.quota,
            holder_id=difference.holder_id,
            starts_on=difference.starts_on,
        ),
        kind=EntryKind.ADJUSTED,
        note=_("The account said %(column)s %(said)s; the lines make it %(sum)s.")
        % {
            "column": difference.column,
            "said": difference.is_now,
            "sum": difference.should_be,
        },
        at=now,
    )


def _sum_up() -> None:
    for account in _summed().filter(_differs()):
        for name in _NUMBERS:
            setattr(account, name, getattr(account, f"sum_{name}"))
        account.save(update_fields=_NUMBERS)


def _record_repair(found: Iterable[Difference], now: datetime) -> None:
    lines = Counter(each.quota for each in found)
    for quota in Quota.objects.filter(name__in=lines):
        record(
            action="quota.repaired",
            actor=None,
            target=quota,
            now=now,
            facts={"quota": quota.name, "lines": lines[quota.name]},
        )
