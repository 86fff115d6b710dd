"""Money among rivals: a budget that is nearly used up pays for one more booking, not for two."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from accounts.models import User
from booking.enums import Measure, QuotaHolder
from booking.models import Booking, QuotaAccount, Resource
from booking.services.bookings import Charge, cancel_booking, edit_booking
from booking.services.quota_ledger import check_ledger
from tests.booking.concurrency.test_quotas import booker, winners
from tests.factories.groups import make_group, make_project
from tests.factories.prices import make_class, make_price
from tests.factories.quotas import assert_adds_up, make_quota
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
DAY = timedelta(days=1)


@pytest.mark.parametrize("holder", [QuotaHolder.USER, QuotaHolder.GROUP])
def test_the_last_of_a_budget_has_one_winner(
    ada: User,
    ben: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
    holder: QuotaHolder,
) -> None:
    """Each on an instrument and a day of their own: only what is left stands between them."""
    make_group("Cells", ben, ada)
    make_price(microscope.resource_type, "12.50")
    make_quota("Budget", measure=Measure.COST, amount=Decimal("30"), holder=holder)
    second = ada if holder == QuotaHolder.USER else ben
    start = now + 3 * DAY
    booker(ada, microscope, start)()
    results = race(
        [
            booker(ada, microscope, start + DAY),
            booker(second, second_microscope, start + 2 * DAY),
        ]
    )
    assert winners(results) == 1
    [account] = QuotaAccount.objects.all()
    assert (account.reserved, account.used) == (Decimal("25.00"), Decimal(0))
    assert Booking.objects.count() == 2
    assert_adds_up()


def test_two_bookings_are_charged_to_a_dearer_project_within_the_budget(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    """What a person has alone stands between two bookings of their own as well."""
    firm = make_group("Firm", ben, price_class=make_class())
    project = make_project("P", firm, ada)
    make_price(microscope, "10")
    make_price(microscope, "25", price_class=make_class())
    make_quota("Budget", measure=Measure.COST, amount=Decimal(40))
    start = now + 3 * DAY
    own = [booker(ada, microscope, start + n * DAY)()[0] for n in range(2)]
    charge = Charge(project_id=project.public_id)
    results = race(
        [
            partial(edit_booking, actor=ada, booking_id=each.public_id, now=now, charge=charge)
            for each in own
        ]
    )
    assert winners(results) == 1
    assert QuotaAccount.objects.get().reserved == Decimal("35.00")
    assert_adds_up()


def test_cancelled_while_the_last_is_booked_it_adds_up(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    make_price(microscope.resource_type, "12.50")
    make_quota("Budget", measure=Measure.COST, amount=Decimal("20"))
    start = now + 3 * DAY
    [first] = booker(ada, microscope, start)()
    results = race(
        [
            lambda: cancel_booking(actor=ada, booking_id=first.public_id, now=now),
            booker(ada, second_microscope, start + DAY),
        ]
    )
    assert winners(results) in (1, 2)
    assert check_ledger(now=now) == []
    assert_adds_up()
