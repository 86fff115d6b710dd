"""Who is told that little or nothing is left of a quota."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.handlers import HANDLERS
from booking.models import Notification, OutboxEvent, Quota, QuotaAccount, QuotaWarning
from booking.services.events import dispatch_batch
from booking.services.quota_warnings import warn_of_quotas
from tests.factories.groups import make_group
from tests.factories.quotas import make_quota
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def take(
    quota: Quota, holder: int, minutes: int, starts_on: date = MARCH, carried: int = 0
) -> None:
    """So much is booked and used, each one half."""
    half = Decimal(minutes) / 2
    QuotaAccount.objects.update_or_create(
        quota=quota,
        holder_id=holder,
        starts_on=starts_on,
        defaults={"reserved": half, "used": half, "carried": carried},
    )


def kinds() -> list[str]:
    return list(OutboxEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_each_step_is_told_once_a_period(ada: User, now: datetime) -> None:
    quota = make_quota()
    for minutes, expected in ((470, 0), (480, 1), (480, 0), (590, 0), (600, 1), (700, 0)):
        take(quota, ada.pk, minutes)
        assert warn_of_quotas(now=now) == expected
    assert kinds() == ["quota.nearly_used", "quota.used_up"]
    # What was cancelled and booked again is no news.
    take(quota, ada.pk, 100)
    warn_of_quotas(now=now)
    take(quota, ada.pk, 600)
    assert warn_of_quotas(now=now) == 0
    take(quota, ada.pk, 600, APRIL)
    assert warn_of_quotas(now=now) == 1


def test_the_words_name_what_is_left_and_until_when(ada: User, now: datetime) -> None:
    take(make_quota(), ada.pk, 510)
    warn_of_quotas(now=now)
    dispatch_batch(handlers=HANDLERS, now=now)
    notice = Notification.objects.get(user=ada)
    assert notice.title == "Little is left of “Microscopes”: 1 hour 30 minutes"
    assert notice.body == (
        "Of “Microscopes” (10 hours a month) 8 hours 30 minutes are booked or used in the period "
        "from 1 Mar 2026; 1 hour 30 minutes are left until 1 Apr 2026. What counts:"
    )
    assert notice.url == "/quotas"


def test_who_was_told_nothing_yet_hears_of_the_end_alone(ada: User, now: datetime) -> None:
    take(make_quota(measure=Measure.COUNT, amount=Decimal(1)), ada.pk, 1)
    assert warn_of_quotas(now=now) == 1
    assert kinds() == ["quota.used_up"]


def test_what_was_carried_over_counts(ada: User, now: datetime) -> None:
    quota = make_quota(carry_percent=100)
    take(quota, ada.pk, 500, carried=600)
    assert warn_of_quotas(now=now) == 0
    # Not carried here yet: all of February's is to come.
    take(quota, ada.pk, 500)
    assert warn_of_quotas(now=now) == 0


def test_all_who_share_it_are_told(ada: User, ben: User, eve: User, now: datetime) -> None:
    group = make_group("Cells", ben, ada)
    take(make_quota(holder=QuotaHolder.GROUP), group.pk, 600)
    assert warn_of_quotas(now=now) == 1
    assert OutboxEvent.objects.get().payload["people"] == sorted([ada.pk, ben.pk])


def test_of_days_in_a_row_the_fullest_window_counts(ada: User, now: datetime) -> None:
    quota = make_quota(period=QuotaPeriod.ROLLING, rolling_days=7)
    today = now.date()
    take(quota, ada.pk, 300, today - timedelta(days=8))
    take(quota, ada.pk, 300, today)
    assert warn_of_quotas(now=now) == 0
    take(quota, ada.pk, 200, today + timedelta(days=3))
    assert warn_of_quotas(now=now) == 1
    take(quota, ada.pk, 300, today + timedelta(days=3))
    assert warn_of_quotas(now=now) == 1
    assert warn_of_quotas(now=now + timedelta(days=2)) == 0
    assert kinds() == ["quota.nearly_used", "quota.used_up"]


@pytest.mark.parametrize(
    ("fields", "starts_on"),
    [
        ({"is_active": False}, MARCH),
        ({}, date(2026, 2, 1)),
        ({"period": QuotaPeriod.DAY}, date(2026, 3, 2)),
    ],
)
def test_what_is_over_or_fills_a_day_is_no_news(
    ada: User, now: datetime, fields: dict[str, Any], starts_on: date
) -> None:
    take(make_quota(**fields), ada.pk, 600, starts_on)
    assert warn_of_quotas(now=now) == 0
    assert not QuotaWarning.objects.exists()


def test_looking_costs_the_same_for_one_and_for_three(cast: dict[str, User], now: datetime) -> None:
    quota = make_quota()
    with count_queries(2):
        warn_of_quotas(now=now)
    for people in (["ada"], ["ada", "ben", "eve"]):
        for name in people:
            take(quota, cast[name].pk, 500)
            QuotaWarning.objects.get_or_create(
                quota=quota, holder_id=cast[name].pk, starts_on=MARCH, percent=80, told_at=now
            )
        with count_queries(5):
            assert warn_of_quotas(now=now) == 0
