"""Of which quotas little or nothing is left, and who has not been told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)

from booking.enums import QuotaPeriod
from booking.models import Quota, QuotaAccount, QuotaWarning
from booking.queries.quotas import facts_of
from booking.rules.shares import NOTHING, Balance, balance_on, balances, period_start
from labitory.lib.http import lab_zone

# Percent of a quota: little is left, nothing is left.
LITTLE, NOTHING_LEFT = 80, 100
# As far back as anything is carried over from.
_LONGEST = timedelta(days=732)
# Who fills a day knows it.
_WARNED = [each for each in QuotaPeriod if each not in (QuotaPeriod.DAY, QuotaPeriod.ROLLING)]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWarning:
    """A holder who is to be told how much of a quota is gone."""

    quota: Quota
    holder_id: int
    # The period's first day; of a rolling quota today.
    starts_on: date
    percent: int
    balance: Balance


def due_warnings(*, now: datetime) -> list[DueWarning]:
    """Accounts of this period and those to come that have passed a step of which nobody was told.

    Five queries at most, however many accounts there are.
    """
    zone = lab_zone()
    today = now.astimezone(zone).date()
    periods = list(_period_accounts(today))
    rolling = set(_rolling_pairs(today))
    pairs = {(each.quota_id, each.holder_id) for each in periods} | rolling
    if not pairs:
        return []
    quotas = Quota.objects.in_bulk({quota for quota, _holder in pairs})
    accounts = _accounts(pairs, today - _LONGEST)
    told = _told(pairs, today - _LONGEST)
    found = []
    for each in periods:
        pair = (each.quota_id, each.holder_id)
        facts = facts_of(quotas[pair[0]], pair[1], accounts[pair])
        balance = balance_on(facts, each.starts_on, today, zone)
        known = max(
            (row.percent for row in told[pair] if row.starts_on == each.starts_on), default=0
        )
        found.append(_due(quotas[pair[0]], pair[1], each.starts_on, balance, known))
    for pair in sorted(rolling):
        quota = quotas[pair[0]]
        length = timedelta(days=quota.rolling_days or 1)
        own = [each for each in accounts[pair] if each.starts_on > today - length]
        days = {max(each.starts_on, today): NOTHING for each in own}
        windows = balances(facts_of(quota, pair[1], own), days, today, zone)
        fullest = min(windows, key=lambda each: each.left)
        recent = (row.percent for row in told[pair] if row.starts_on > today - length)
        found.append(_due(quota, pair[1], today, fullest, max(recent, default=0)))
    return [each for each in found if each is not None]


def _due(
    quota: Quota, holder_id: int, starts_on: date, balance: Balance, known: int
) -> DueWarning | None:
    percent = 0
    if balance.left <= 0:
        percent = NOTHING_LEFT
    elif balance.taken * 100 >= balance.allowed * LITTLE:
        percent = LITTLE
    if percent <= known:
        return None
    return DueWarning(
        quota=quota, holder_id=holder_id, starts_on=starts_on, percent=percent, balance=balance
    )


def _period_accounts(today: date) -> "QuerySet[QuotaAccount]":
    """Those that may have passed a step, and were not told the last; carried over comes more."""
    current = Q()
    for period in _WARNED:
        current |= Q(quota__period=period, starts_on__gte=period_start(period, today))
    told = QuotaWarning.objects.filter(
        quota=OuterRef("quota"),
        holder_id=OuterRef("holder_id"),
        starts_on=OuterRef("starts_on"),
        percent=NOTHING_LEFT,
    )
    return (
        QuotaAccount.objects.filter(current, ~Exists(told), quota__is_active=True)
        .annotate(taken=F("reserved") + F("used"))
        .filter(taken__gt=0, taken__gte=(F("quota__amount") + F("carried")) * LITTLE / 100)
        .order_by("quota", "holder_id", "starts_on")
    )


def _rolling_pairs(today: date) -> Iterable[Pair]:
    earliest = ExpressionWrapper(
        Value(today, DateField()) - F("quota__rolling_days"), output_field=DateField()
    )
    told = QuotaWarning.objects.filter(
        quota=OuterRef("quota"),
        holder_id=OuterRef("holder_id"),
        percent=NOTHING_LEFT,
        starts_on__gt=ExpressionWrapper(
            Value(today, DateField()) - OuterRef("quota__rolling_days"), output_field=DateField()
        ),
    )
    return (
        QuotaAccount.objects.filter(
            ~Exists(told),
            quota__is_active=True,
            quota__period=QuotaPeriod.ROLLING,
            starts_on__gt=earliest,
        )
        .values_list("quota", "holder_id")
        .annotate(taken=Sum(F("reserved") + F("used")))
        .filter(taken__gt=0, taken__gte=F("quota__amount") * LITTLE / 100)
        .order_by()
        .values_list("quota", "holder_id")
    )


def _of(pairs: Iterable[Pair]) -> Q:
    found = Q()
    for quota, holder in pairs:
        found |= Q(quota=quota, holder_id=holder)
    return found


def _accounts(pairs: Iterable[Pair], since: date) -> dict[Pair, list[QuotaAccount]]:
    found: dict[Pair, list[QuotaAccount]] = {pair: [] for pair in pairs}
    rows = QuotaAccount.objects.filter(_of(pairs), starts_on__gt=since).order_by("starts_on")
    for each in rows:
        found[each.quota_id, each.holder_id].append(each)
    return found


def _told(pairs: Iterable[Pair], since: date) -> dict[Pair, Sequence[QuotaWarning]]:
    found: dict[Pair, list[QuotaWarning]] = {pair: [] for pair in pairs}
    for each in QuotaWarning.objects.filter(_of(pairs), starts_on__gt=since):
        found[each.quota_id, each.holder_id].append(each)
    return {**found}
