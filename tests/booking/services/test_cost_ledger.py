"""Quotas by cost and approvals over a cost: the ledger follows what bookings cost, in cents."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Measure, QuotaHolder, QuotaPeriod, Status
from booking.errors import ActionRefused, BookingRefused
from booking.models import ApprovalPolicy, ApprovalTier, Booking, Quota, QuotaAccount, Resource
from booking.queries.quotas import my_quotas
from booking.queries.series import SeriesWish
from booking.rules.shares import say_amount
from booking.services.approvals import approve_booking
from booking.services.bookings import (
    BookingDetails,
    cancel_booking,
    create_booking,
    reschedule_booking,
)
from booking.services.check_ins import check_in, check_out, mark_no_show
from booking.services.quota_ledger import check_ledger, open_due_accounts
from booking.services.quotas import QuotaDetails, adjust_account, save_quota
from booking.services.series import create_series
from labitory.lib.periods import Period
from tests.booking.services.test_prices import book
from tests.factories.groups import make_group
from tests.factories.prices import make_class, make_price
from tests.factories.quotas import assert_adds_up, make_quota
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def budget(amount: str = "100", **fields: Any) -> Quota:
    """So much money a month for each person."""
    return make_quota("Budget", measure=Measure.COST, amount=Decimal(amount), **fields)


def on_account(quota: Quota) -> list[tuple[str, str]]:
    """Reserved and used, account by account."""
    found = QuotaAccount.objects.filter(quota=quota).order_by("starts_on", "holder_id")
    return [(f"{each.reserved}", f"{each.used}") for each in found]


def ask_over(microscope: Resource, cost: str, **fields: Any) -> None:
    """Lab managers are asked about what is dearer."""
    policy = ApprovalPolicy.objects.create(
        name="Dear", mode=ApprovalMode.TIERED, resource=microscope, **fields
    )
    ApprovalTier.objects.create(
        policy=policy,
        position=1,
        approver=ApproverKind.ROLE,
        role="lab_manager",
        over_cost=Decimal(cost),
    )


def test_the_ledger_follows_in_cents(ada: User, microscope: Resource, now: datetime) -> None:
    make_price(microscope, "9.99", per_booking=Decimal("0.05"))
    quota = budget()
    booking = book(ada, microscope, now, 2, 1.75)
    assert booking.cost == Decimal("17.53")
    assert on_account(quota) == [("17.53", "0.00")]
    longer = Period(booking.start_time, booking.start_time + 3 * HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=longer, now=now)
    assert on_account(quota) == [("30.02", "0.00")]
    assert_adds_up()
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    assert on_account(quota) == [("0.00", "0.00")]
    assert Booking.objects.get().cost == Decimal("30.02")
    assert check_ledger(now=now) == []
    assert_adds_up()


def test_early_finish_and_who_does_not_come(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope, "12")
    quota = budget()
    booking = book(ada, microscope, now, 0, 3)
    missed = book(ada, microscope, now, 5, 1)
    assert on_account(quota) == [("48.00", "0.00")]
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    check_out(actor=ada, booking_id=booking.public_id, now=now + 1.5 * HOUR)
    assert Booking.objects.get(pk=booking.pk).cost == Decimal("18.20")
    assert on_account(quota) == [("12.00", "18.20")]
    mark_no_show(actor=chris, booking_id=missed.public_id, now=now + 5.5 * HOUR)
    assert on_account(quota) == [("0.00", "30.20")]
    assert check_ledger(now=now + 6 * HOUR) == []
    assert_adds_up()


def test_more_than_is_left_is_refused_in_money(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope, "10")
    quota = budget("25", resource=microscope)
    book(ada, microscope, now, 2, 2)
    with pytest.raises(BookingRefused) as caught:
        book(ada, microscope, now, 6, 1)
    [refusal] = caught.value.refusals
    assert refusal.code == "quota.allowance"
    said = refusal.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "gives Ada 25.00 EUR a month; left: 5.00 EUR." in said
    assert (refusal.facts["left"], refusal.facts["asked"]) == (5.0, 10.0)
    assert Booking.objects.count() == 1
    # Exactly what is left may be taken.
    assert book(ada, microscope, now, 6, 0.5).cost == 5
    assert on_account(quota) == [("25.00", "0.00")]
    [held] = my_quotas(viewer=ada, now=now)
    assert say_amount(held.quota.measure, held.balance.left) == "0.00\N{NO-BREAK SPACE}EUR"


def test_overdraft_waits_and_two_in_one_act_are_weighed_together(
    ada: User, chris: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    make_price(microscope.resource_type, "10")
    quota = budget("15", overdraft=Decimal("5.00"))
    both = [microscope.public_id, second_microscope.public_id]
    period = Period(now + 2 * HOUR, now + 3 * HOUR)
    first, second = create_booking(actor=ada, user=ada, resource_ids=both, period=period, now=now)
    assert (first.status, second.status) == (Status.CONFIRMED, Status.PENDING)
    assert on_account(quota) == [("20.00", "0.00")]
    approve_booking(actor=chris, booking_id=second.public_id, now=now)
    assert on_account(quota) == [("20.00", "0.00")]
    with pytest.raises(BookingRefused):
        book(ada, microscope, now, 8)
    assert_adds_up()


def test_a_group_pays_by_its_class_from_one_account(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    group = make_group("Cells", ben, ada)
    group.price_class = make_class("academic")
    group.save()
    make_price(microscope, "40")
    make_price(microscope, "10", price_class=make_class("academic"))
    quota = budget("30", holder=QuotaHolder.GROUP)
    book(ada, microscope, now, 2, 2)
    book(ben, microscope, now, 6, 1)
    assert on_account(quota) == [("30.00", "0.00")]
    with pytest.raises(BookingRefused):
        book(ada, microscope, now, 10)


def test_what_has_no_price_takes_nothing(ada: User, microscope: Resource, now: datetime) -> None:
    quota = budget("1")
    assert not book(ada, microscope, now, 2, 8).is_counted
    assert on_account(quota) == []


def test_what_is_left_is_carried_over_to_the_cent(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope, "10")
    quota = budget("100.01", carry_percent=33, created_at=now)
    book(ada, microscope, now, 2, 2)
    open_due_accounts(now=now + timedelta(days=31))
    april = QuotaAccount.objects.get(quota=quota, starts_on=date(2026, 4, 1))
    # A third of 80.01, cut off behind the cent.
    assert april.carried == Decimal("26.40")
    assert_adds_up()


def test_rolling_money(ada: User, microscope: Resource, now: datetime) -> None:
    make_price(microscope, "10")
    budget("20", period=QuotaPeriod.ROLLING, rolling_days=7)
    book(ada, microscope, now, 2)
    book(ada, microscope, now, 50)
    with pytest.raises(BookingRefused):
        book(ada, microscope, now, 26)
    book(ada, microscope, now, 24 * 8)


def test_a_series_takes_each_cost(ada: User, microscope: Resource, now: datetime) -> None:
    make_price(microscope, "10")
    quota = budget("29.99")
    wish = SeriesWish(
        actor=ada,
        user=ada,
        resource_id=microscope.public_id,
        first=now + 2 * HOUR,
        length=HOUR,
        rule="FREQ=DAILY;COUNT=3",
        now=now,
    )
    made = create_series(wish=wish, details=BookingDetails(), skip_refused=True)
    assert [each.cost for each in made.bookings] == [Decimal(10)] * 2
    [left] = made.left_out
    assert [no.code for no in left.standing] == ["quota.allowance"]
    assert on_account(quota) == [("20.00", "0.00")]
    assert_adds_up()


def test_over_a_cost_somebody_is_asked(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope, "10")
    ask_over(microscope, "20")
    assert book(ada, microscope, now, 2, 2).status == Status.CONFIRMED
    dear = book(ada, microscope, now, 6, 2.25)
    assert dear.status == Status.PENDING
    approve_booking(actor=chris, booking_id=dear.public_id, now=now)
    dear.refresh_from_db()
    assert (dear.status, dear.cost) == (Status.CONFIRMED, Decimal("22.50"))


def test_with_everything_it_stays_within_its_statements(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope, "10")
    ask_over(microscope, "20")
    budget("1000")
    with count_queries(7):
        assert book(ada, microscope, now, 2).status == Status.CONFIRMED
    with count_queries(9):
        assert book(ada, microscope, now, 6, 3).status == Status.PENDING


def test_a_quota_of_money_is_set_and_adjusted(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    details = QuotaDetails(name="Budget", measure=Measure.COST, amount=Decimal("99.95"))
    quota = save_quota(actor=chris, quota_id=None, details=details, now=now).quota
    for wrong in (Decimal("0.001"), Decimal(10**7)):
        with pytest.raises(ActionRefused):
            save_quota(actor=chris, quota_id=None, details=replace(details, amount=wrong), now=now)
    adjust_account(
        actor=chris,
        quota_id=quota.public_id,
        holder_id=ada.pk,
        day=now.date(),
        amount=Decimal("0.05"),
        reason="To make it round",
        now=now,
    )
    [held] = my_quotas(viewer=ada, now=now)
    assert held.balance.left == 100
    with pytest.raises(ActionRefused):
        adjust_account(
            actor=chris,
            quota_id=quota.public_id,
            holder_id=ada.pk,
            day=now.date(),
            amount=Decimal("0.005"),
            reason="Half a cent",
            now=now,
        )


def test_a_broken_ledger_is_found_and_mended(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope, "10")
    quota = budget()
    booking = book(ada, microscope, now, 2)
    Booking.objects.filter(pk=booking.pk).update(cost=Decimal("12.34"))
    [found] = check_ledger(now=now)
    assert (found.column, found.is_now, found.should_be) == (
        "reserved",
        Decimal(10),
        Decimal("12.34"),
    )
    check_ledger(now=now, repair=True)
    assert on_account(quota) == [("12.34", "0.00")]
    assert check_ledger(now=now) == []
