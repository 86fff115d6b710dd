"""What is on the accounts of the quotas that count somebody's bookings."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import connection

from booking.enums import QuotaPeriod
from booking.models import Booking, Resource
from booking.queries._facts_parts import AccountKey, quota_facts
from booking.queries._quota_sql import ACCOUNTS
from booking.rules.request import AccountFacts, QuotaFacts
from booking.rules.shares import period_start
from labitory.lib.periods import Period

# A lab-local day may lie one beside the day of UTC.
_DAY = timedelta(days=1)


def load_accounts(
    resources: Iterable[Resource],
    *,
    window: Period,
    existing: Booking | None = None,
    moved: Sequence[int] = (),
) -> dict[AccountKey, tuple[AccountFacts, ...]]:
    """The accounts within the window of all quotas that count a booking of these resources.

    One query, and none where no quota does. Without what the `existing` booking has on them, nor
    those `moved` in the same act.
    """
    quotas = {
        (quota.id, quota.holder_id): quota
        for resource in resources
        for quota in quota_facts(resource)
    }
    gone = [*moved, *([existing.pk] if existing else [])]
    return accounts_of(quotas.values(), window=window, without=gone) if quotas else {}


def accounts_of(
    quotas: Iterable[QuotaFacts], *, window: Period, without: Sequence[int] = ()
) -> dict[AccountKey, tuple[AccountFacts, ...]]:
    """The accounts of these quotas within the window, by the keys of quota and holder.

    What the bookings of the keys in `without` have on them is left out.
    """
    rows = list(quotas)
    spans = [_span(quota, window) for quota in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            ACCOUNTS,
            {
                "quotas": [quota.id for quota in rows],
                "holders": [quota.holder_id for quota in rows],
                "firsts": [first for first, _last in spans],
                "lasts": [last for _first, last in spans],
                "existing": list(without),
            },
        )
        found: dict[AccountKey, list[AccountFacts]] = {}
        for quota_id, holder_id, starts_on, carried, reserved, used, is_open in cursor.fetchall():
            account = AccountFacts(
                starts_on=starts_on,
                carried=carried,
                reserved=reserved,
                used=used,
                is_open=is_open,
            )
            found.setdefault((quota_id, holder_id), []).append(account)
    return {key: tuple(accounts) for key, accounts in found.items()}


def _span(quota: QuotaFacts, window: Period) -> tuple[date, date]:
    """From the period before the window's first, and for rolling days as far as they reach."""
    first, last = window.start.date() - _DAY, window.end.date() + _DAY
    if quota.period == QuotaPeriod.ROLLING:
        reach = timedelta(days=quota.rolling_days or 1)
        return first - reach, last + reach
    return period_start(quota.period, period_start(quota.period, first) - _DAY), last
