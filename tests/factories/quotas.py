"""Quotas for tests, past every rule, and how their ledger is looked at."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from booking.models import Quota, QuotaAccount, QuotaEntry

LONG_AGO = datetime(2025, 11, 3, 9, 0, tzinfo=UTC)


def make_quota(name: str = "Microscopes", **fields: Any) -> Quota:
    """Ten hours a month for each person, on everything."""
    plain: dict[str, Any] = {"amount": Decimal(600), "created_at": LONG_AGO}
    return Quota.objects.create(name=name, **{**plain, **fields})


def ledger(quota: Quota) -> list[tuple[str, int, int]]:
    """The movements of a quota in order: kind, reserved, used."""
    return [
        (entry.kind, int(entry.reserved), int(entry.used))
        for entry in QuotaEntry.objects.filter(account__quota=quota)
    ]


def accounts(quota: Quota) -> list[tuple[str, int, int, int]]:
    """The accounts of a quota: first day, carried, reserved, used."""
    return [
        (f"{each.starts_on}", int(each.carried), int(each.reserved), int(each.used))
        for each in QuotaAccount.objects.filter(quota=quota).order_by("starts_on", "holder_id")
    ]


def assert_adds_up() -> None:
    """Every account is the sum of its entries."""
    for account in QuotaAccount.objects.all():
        sums = account.entries.aggregate(c=Sum("carried"), r=Sum("reserved"), u=Sum("used"))
        assert (account.carried, account.reserved, account.used) == (
            sums["c"] or 0,
            sums["r"] or 0,
            sums["u"] or 0,
        ), account
