"""Quotas among rivals: nobody overspends together, and the ledger adds up whoever wins."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from booking.enums import QuotaHolder, QuotaPeriod, Status
from booking.errors import BookingError, BookingRefused
from booking.models import Booking, QuotaAccount, QuotaEntry, Resource
from booking.services.bookings import (
    BookingDetails,
    cancel_booking,
    create_booking,
    reschedule_booking,
)
from booking.services.check_ins import check_in, check_out
from booking.services.quota_ledger import check_ledger, open_due_accounts
from booking.services.tidying import tidy_bookings
from labitory.lib.periods import Period
from tests.factories.groups import make_group, make_project
from tests.factories.people import make_user
from tests.factories.quotas import accounts, assert_adds_up, make_quota
from tests.factories.resources import make_resource
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)
MEMBERS = 6


@pytest.fixture
def members(ben: User) -> list[User]:
    """Ben's group."""
    people = [make_user(f"member{n}") for n in range(MEMBERS)]
    make_group("Cells", ben, *people)
    return people


def booker(user: User, resource: Resource, start: datetime, **details: Any) -> Callable[[], Any]:
    """An hour, as somebody would book it."""
    return lambda: create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(start, start + HOUR),
        now=start.replace(hour=1, minute=0) - timedelta(days=1),
        details=BookingDetails(**details),
    )


def winners(results: list[Any], code: str = "quota.allowance") -> int:
    """How many got it; the others were refused in words."""
    for result in results:
        if isinstance(result, BookingRefused):
            assert [each.code for each in result.refusals] == [code]
        elif isinstance(result, Exception):
            raise result
    return sum(not isinstance(result, Exception) for result in results)


@pytest.mark.parametrize("period", [QuotaPeriod.MONTH, QuotaPeriod.ROLLING])
@pytest.mark.parametrize("round_number", range(2))
def test_last_hour_of_a_group_has_one_winner(
    members: list[User], now: datetime, period: QuotaPeriod, round_number: int
) -> None:
    """Each on an instrument and a day of their own: only the quota stands between them."""
    quota = make_quota(
        holder=QuotaHolder.GROUP,
        amount=Decimal(60),
        period=period,
        rolling_days=30 if period == QuotaPeriod.ROLLING else None,
    )
    tools = [make_resource(f"Tool {n}") for n in range(MEMBERS)]
    start = now + timedelta(days=3)
    results = race(
        [
            booker(member, tool, start + timedelta(days=n))
            for n, (member, tool) in enumerate(zip(members, tools, strict=True))
        ]
    )
    assert winners(results) == 1
    assert sum(reserved for _day, _carried, reserved, _used in accounts(quota)) == 60
    assert Booking.objects.count() == 1
    assert_adds_up()


def test_overdraft_of_a_group_is_approved_for_all_but_one(
    members: list[User], now: datetime
) -> None:
    make_quota(holder=QuotaHolder.GROUP, amount=Decimal(60), overdraft=Decimal(120))
    tools = [make_resource(f"Tool {n}") for n in range(MEMBERS)]
    start = now + timedelta(days=3)
    results = race(
        [booker(member, tool, start) for member, tool in zip(members, tools, strict=True)]
    )
    assert winners(results) == 3
    statuses = sorted(Booking.objects.values_list("status", flat=True))
    assert statuses == [Status.CONFIRMED, Status.PENDING, Status.PENDING]


def test_accounts_are_taken_crosswise_without_deadlock(
    ben: User, members: list[User], now: datetime
) -> None:
    """Every booking is on the group's and on its project's account; half of them move."""
    group = make_group("Other", ben, *members)
    projects = [make_project(f"P{n}", group, *members) for n in range(2)]
    make_quota("Group", holder=QuotaHolder.GROUP, amount=Decimal(6000))
    make_quota("Project", holder=QuotaHolder.PROJECT, amount=Decimal(6000))
    make_quota("Own", amount=Decimal(6000))
    tools = [make_resource(f"Tool {n}") for n in range(MEMBERS)]
    start = now + timedelta(days=3)
    made = [
        booker(member, tool, start, project_id=projects[n % 2].public_id)()[0]
        for n, (member, tool) in enumerate(zip(members, tools, strict=True))
    ]
    movers = [
        lambda booking=booking, n=n: reschedule_booking(
            actor=booking.user,
            booking_id=booking.public_id,
            now=now,
            period=Period(start + (5 + n) * HOUR, start + (7 + n) * HOUR),
            details=BookingDetails(project_id=projects[(n + 1) % 2].public_id),
        )
        for n, booking in enumerate(made)
    ]
    others = [
        booker(member, tool, start + 20 * HOUR, project_id=projects[(n + 1) % 2].public_id)
        for n, (member, tool) in enumerate(zip(members, tools, strict=True))
    ]
    mixed = [act for pair in zip(movers, others, strict=True) for act in pair]
    assert winners(race(mixed)) == 2 * MEMBERS
    assert_adds_up()
    assert check_ledger(now=now) == []
    assert QuotaAccount.objects.get(quota__name="Group").reserved == MEMBERS * 180


@pytest.mark.parametrize("round_number", range(3))
def test_cancel_against_complete(
    ada: User, microscope: Resource, now: datetime, round_number: int
) -> None:
    """A booking that is over for the one and cancelled by the other ends in one way alone."""
    quota = make_quota()
    booking = booker(ada, microscope, now + 24 * HOUR)()[0]
    end = booking.end_time
    results = race(
        [
            lambda: cancel_booking(
                actor=ada, booking_id=booking.public_id, now=end - timedelta(minutes=1)
            ),
            lambda: tidy_bookings(now=end + timedelta(minutes=1)),
        ]
    )
    assert all(
        not isinstance(each, Exception) or isinstance(each, BookingError) for each in results
    )
    booking.refresh_from_db()
    used = 60 if booking.status == Status.COMPLETED else 0
    assert booking.status in (Status.CANCELLED, Status.COMPLETED)
    assert accounts(quota) == [("2026-03-01", 0, 0, used)]
    assert_adds_up()


def test_checked_out_twice_is_used_once(ada: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota()
    booking = booker(ada, microscope, now + 24 * HOUR)()[0]
    half = booking.start_time + timedelta(minutes=29)
    check_in(actor=ada, booking_id=booking.public_id, now=booking.start_time)
    results = race(
        [lambda: check_out(actor=ada, booking_id=booking.public_id, now=half) for _tab in range(4)]
    )
    assert winners([each for each in results if not isinstance(each, BookingError)]) == 1
    assert accounts(quota) == [("2026-03-01", 0, 0, 30)]
    assert_adds_up()


def test_a_period_is_opened_once(ada: User, now: datetime) -> None:
    """Whoever comes first carries over: the task, or a booking."""
    quota = make_quota(amount=Decimal(100), carry_percent=50)
    tools = [make_resource(f"Tool {n}") for n in range(3)]
    start = now + timedelta(days=1)
    race(
        [
            *(booker(ada, tool, start + n * HOUR) for n, tool in enumerate(tools[:2])),
            lambda: open_due_accounts(now=now),
            lambda: open_due_accounts(now=now),
        ]
    )
    assert accounts(quota) == [("2026-03-01", 50, 120, 0)]
    assert QuotaEntry.objects.filter(kind="carried").count() == 1
    assert_adds_up()
