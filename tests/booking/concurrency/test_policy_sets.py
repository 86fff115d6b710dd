"""Policies among rivals: one version after another, and no quota changes under a booking."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from booking.enums import Limit
from booking.errors import BookingError
from booking.models import BookingPolicy, PolicySet, Quota, QuotaAccount, Resource
from booking.services.bookings import create_booking
from booking.services.policy_sets import apply_policies
from booking.services.quota_ledger import check_ledger
from labitory.lib.periods import Period
from tests.factories.quotas import assert_adds_up, make_quota
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)


def text(quota: str, minutes: int = 60) -> str:
    """A limit and a quota of bookings or hours."""
    return (
        f"title: x\nlimits: [{{limit: max_length, value: {minutes} min}}]\n"
        f"quotas: [{{name: Microscopes, {quota}}}]\n"
    )


@pytest.mark.parametrize("round_number", range(3))
def test_a_first_booking_and_another_meaning(
    ada: User, chris: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    """Whoever comes second counts in the new way, or is told that the old one stays."""
    quota = make_quota()

    def book() -> Any:
        return create_booking(
            actor=ada,
            user=ada,
            resource_ids=[microscope.public_id],
            period=Period(now + 2 * HOUR, now + 3 * HOUR),
            now=now,
        )

    def change() -> Any:
        return apply_policies(actor=chris, text=text("gives: 5 bookings, each: week"), now=now)

    booked, applied = race([book, change])
    assert not isinstance(booked, Exception), booked
    quota.refresh_from_db()
    account = QuotaAccount.objects.get()
    if isinstance(applied, BookingError):
        assert (quota.measure, int(account.reserved)) == ("minutes", 60)
        assert not PolicySet.objects.exists()
        assert not BookingPolicy.objects.exists()
    else:
        assert not isinstance(applied, Exception), applied
        assert (quota.measure, int(account.reserved)) == ("count", 1)
    assert check_ledger(now=now) == []
    assert_adds_up()


@pytest.mark.parametrize("round_number", range(3))
def test_versions_follow_one_another(
    chris: User, dora: User, now: datetime, round_number: int
) -> None:
    def apply(actor: User, hours: int) -> Any:
        words = text(f"gives: {hours} h, each: week", hours * 60)
        return lambda: apply_policies(actor=actor, text=words, now=now)

    results = race([apply(chris, 1), apply(dora, 2), apply(chris, 3), apply(dora, 4)])
    for result in results:
        assert isinstance(result, PolicySet), result
    latest = PolicySet.objects.first()
    assert latest is not None
    assert sorted(each.version for each in results) == [1, 2, 3, 4]
    # What is in force is one of them as a whole: the last.
    hours = int(Quota.objects.get().amount) // 60
    assert BookingPolicy.objects.get(limit=Limit.MAX_LENGTH).value == hours * 60
    assert f"gives: {hours} h" in latest.text
