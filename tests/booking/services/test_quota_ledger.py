"""The ledger of quotas follows every booking."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from booking.enums import EntryKind, Measure, QuotaHolder, QuotaPeriod, Status
from booking.errors import BookingError, BookingRefused
from booking.models import Booking, QuotaAccount, QuotaEntry, Resource
from booking.services.bookings import (
    BookingDetails,
    Charge,
    cancel_booking,
    create_booking,
    edit_booking,
    reschedule_booking,
)
from booking.services.check_ins import check_in, check_out, extend_booking, mark_no_show
from booking.services.tidying import tidy_bookings
from labitory.lib.periods import Period
from tests.factories.groups import make_group, make_project
from tests.factories.quotas import accounts, assert_adds_up, ledger, make_quota
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def book(
    user: User, resource: Resource, now: datetime, start: float, hours: float = 1, **extra: object
) -> Booking:
    """A booking from so many hours from now."""
    begin = now + start * HOUR
    return create_booking(
        actor=extra.pop("actor", user),  # type: ignore[arg-type]
        user=user,
        resource_ids=[resource.public_id],
        period=Period(begin, begin + hours * HOUR),
        now=now,
        **extra,  # type: ignore[arg-type]
    )[0]


def refused(user: User, resource: Resource, now: datetime, start: float, hours: float = 1) -> str:
    """The text of the one refusal, by the quota."""
    with pytest.raises(BookingRefused) as caught:
        book(user, resource, now, start, hours)
    [refusal] = caught.value.refusals
    assert refusal.code == "quota.allowance"
    return refusal.text


def test_what_is_booked_is_reserved_and_then_used(
    ada: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota()
    booking = book(ada, microscope, now, 2, 3)
    assert booking.is_counted
    assert accounts(quota) == [("2026-03-01", 0, 180, 0)]
    tidy_bookings(now=now + 6 * HOUR)
    assert accounts(quota) == [("2026-03-01", 0, 0, 180)]
    assert ledger(quota) == [("reserved", 180, 0), ("used", -180, 180)]
    assert_adds_up()


def test_early_finish_uses_the_real_length(ada: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota()
    booking = book(ada, microscope, now, 2, 3)
    check_in(actor=ada, booking_id=booking.public_id, now=now + 2 * HOUR)
    assert ledger(quota) == [("reserved", 180, 0)]
    check_out(actor=ada, booking_id=booking.public_id, now=now + 3 * HOUR - timedelta(minutes=1))
    assert accounts(quota) == [("2026-03-01", 0, 0, 60)]


def test_cancelling_releases(ada: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota()
    booking = book(ada, microscope, now, 2, 3)
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    assert accounts(quota) == [("2026-03-01", 0, 0, 0)]
    assert ledger(quota) == [("reserved", 180, 0), ("released", -180, 0)]


@pytest.mark.parametrize(("counts", "used"), [(True, 180), (False, 0)])
def test_a_missed_booking_counts_if_the_quota_says_so(
    ada: User, chris: User, microscope: Resource, now: datetime, counts: bool, used: int
) -> None:
    quota = make_quota(counts_no_shows=counts)
    booking = book(ada, microscope, now, 2, 3)
    mark_no_show(actor=chris, booking_id=booking.public_id, now=now + 3 * HOUR)
    assert accounts(quota) == [("2026-03-01", 0, 0, used)]


def test_moving_moves_what_is_reserved(ada: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota()
    booking = book(ada, microscope, now, 2, 3)
    begin = now + 31 * DAY
    reschedule_booking(
        actor=ada,
        booking_id=booking.public_id,
        period=Period(begin, begin + 2 * HOUR),
        now=now,
    )
    assert accounts(quota) == [("2026-03-01", 0, 0, 0), ("2026-04-01", 0, 120, 0)]
    assert_adds_up()


def test_a_full_quota_can_still_be_moved(ada: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota(amount=Decimal(120))
    booking = book(ada, microscope, now, 2, 2)
    begin = now + 5 * HOUR
    reschedule_booking(
        actor=ada, booking_id=booking.public_id, period=Period(begin, begin + 2 * HOUR), now=now
    )
    assert accounts(quota) == [("2026-03-01", 0, 120, 0)]
    with pytest.raises(BookingRefused):
        reschedule_booking(
            actor=ada, booking_id=booking.public_id, period=Period(begin, begin + 3 * HOUR), now=now
        )
    assert accounts(quota) == [("2026-03-01", 0, 120, 0)]


def test_refusal_says_what_is_left_and_when_it_renews(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_quota("Imaging", amount=Decimal(240), grab_hours=4)
    book(ada, microscope, now, 10, 3)
    text = refused(ada, microscope, now, 20, 2)
    for words in ("“Imaging”", "Ada", "4 hours a month", "left: 1 hour", "1 Apr 2026", "4 hours"):
        assert words in text
    assert QuotaEntry.objects.count() == 1


def test_last_hour_fits_exactly(ada: User, microscope: Resource, now: datetime) -> None:
    make_quota(amount=Decimal(240))
    book(ada, microscope, now, 10, 3)
    book(ada, microscope, now, 20, 1)
    refused(ada, microscope, now, 30, 0.25)


def test_midnight_of_the_lab_splits_a_booking(
    ada: User, microscope: Resource, now: datetime
) -> None:
    daily = make_quota("Daily", period=QuotaPeriod.DAY, amount=Decimal(300))
    monthly = make_quota("Monthly")
    # Monday 08:00 in the lab; from 22:00 until 03:00.
    book(ada, microscope, now, 14, 5)
    assert accounts(daily) == [("2026-03-02", 0, 120, 0), ("2026-03-03", 0, 180, 0)]
    assert accounts(monthly) == [("2026-03-01", 0, 300, 0)]


def test_bookings_are_counted_where_they_start(
    ada: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota(measure=Measure.COUNT, amount=Decimal(2), period=QuotaPeriod.DAY)
    book(ada, microscope, now, 14, 5)
    book(ada, microscope, now, 2, 1)
    assert accounts(quota) == [("2026-03-02", 0, 2, 0)]
    assert "2 bookings a day" in refused(ada, microscope, now, 5)
    book(ada, microscope, now, 24, 1)


def test_rolling_days_look_both_ways(ada: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota(period=QuotaPeriod.ROLLING, rolling_days=7, amount=Decimal(240))
    book(ada, microscope, now, 24 * 6, 3)
    # Six days later three hours stand: any seven days with them have one left.
    text = refused(ada, microscope, now, 2, 2)
    assert "4 hours in any 7 days" in text
    book(ada, microscope, now, 2, 1)
    refused(ada, microscope, now, 24 * 3, 1)
    # The window of these seven days begins after the first one.
    book(ada, microscope, now, 24 * 8, 1)
    assert sum(reserved for _day, _carried, reserved, _used in accounts(quota)) == 300
    assert_adds_up()


def test_a_group_shares_one_account(
    ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    make_group("Cells", ben, ada)
    quota = make_quota(holder=QuotaHolder.GROUP, amount=Decimal(180))
    book(ada, microscope, now, 2, 2)
    assert "the research group" in refused(ben, microscope, now, 6, 2)
    book(ben, microscope, now, 6, 1)
    # Who has no group shares nothing.
    book(eve, microscope, now, 10, 9)
    assert accounts(quota) == [("2026-03-01", 0, 180, 0)]


def test_a_project_is_charged(ada: User, ben: User, microscope: Resource, now: datetime) -> None:
    group = make_group("Cells", ben, ada)
    project, other = make_project("One", group, ada), make_project("Two", group, ada)
    quota = make_quota(holder=QuotaHolder.PROJECT, amount=Decimal(120))
    booking = book(ada, microscope, now, 2, 2, details=BookingDetails(project_id=project.public_id))
    assert QuotaAccount.objects.get(quota=quota).holder_id == project.pk
    book(ada, microscope, now, 10, 2)
    edit_booking(
        actor=ada, booking_id=booking.public_id, now=now, charge=Charge(project_id=other.public_id)
    )
    reserved = dict(QuotaAccount.objects.values_list("holder_id", "reserved"))
    assert reserved == {project.pk: 0, other.pk: 120}
    edit_booking(actor=ada, booking_id=booking.public_id, now=now, charge=Charge(project_id=None))
    assert set(QuotaAccount.objects.values_list("reserved", flat=True)) == {0}
    assert_adds_up()


def test_narrowing(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    quota = make_quota(role="student", resource=microscope)
    book(ada, second_microscope, now, 2)
    book(ben, microscope, now, 2)
    assert not ledger(quota)
    book(ada, microscope, now, 4)
    assert ledger(quota) == [("reserved", 60, 0)]


def test_time_shortly_before_its_start_is_free_of_quota(
    ada: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota(amount=Decimal(60), grab_hours=4)
    grabbed = book(ada, microscope, now, 3, 5)
    assert not grabbed.is_counted
    assert not ledger(quota)
    # Moved away from now it counts like any other.
    with pytest.raises(BookingRefused):
        reschedule_booking(
            actor=ada,
            booking_id=grabbed.public_id,
            period=Period(now + 10 * HOUR, now + 15 * HOUR),
            now=now,
        )
    # What was booked long before stays counted, however near it is moved.
    counted = book(ada, microscope, now, 12, 1)
    reschedule_booking(
        actor=ada,
        booking_id=counted.public_id,
        period=Period(now + 1 * HOUR, now + 2 * HOUR),
        now=now,
    )
    assert accounts(quota) == [("2026-03-01", 0, 60, 0)]


def test_overdraft_waits_for_approval(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota(amount=Decimal(120), overdraft=Decimal(60))
    assert book(ada, microscope, now, 2, 2).status == Status.CONFIRMED
    assert book(ada, microscope, now, 6, 1).status == Status.PENDING
    assert accounts(quota) == [("2026-03-01", 0, 180, 0)]
    assert "Beyond it 1 hour can be had with approval" in refused(ada, microscope, now, 10, 1)


def test_a_manager_overrides(ada: User, chris: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota(amount=Decimal(60))
    book(ada, microscope, now, 2, 2, actor=chris, override="Beam time")
    assert accounts(quota) == [("2026-03-01", 0, 120, 0)]


def test_several_resources_are_weighed_together(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    quota = make_quota(amount=Decimal(180))
    ids = [microscope.public_id, second_microscope.public_id]
    with pytest.raises(BookingRefused):
        create_booking(
            actor=ada,
            user=ada,
            resource_ids=ids,
            period=Period(now + HOUR, now + 3 * HOUR),
            now=now,
        )
    assert not ledger(quota)
    create_booking(
        actor=ada, user=ada, resource_ids=ids, period=Period(now + HOUR, now + 2.5 * HOUR), now=now
    )
    assert accounts(quota) == [("2026-03-01", 0, 180, 0)]


def test_what_was_left_is_carried_over_once(ada: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota(amount=Decimal(100), carry_percent=50)
    # March opens with half of all of February, April with half of what March leaves.
    book(ada, microscope, now, 24, 2)
    assert accounts(quota) == [("2026-03-01", 50, 120, 0)]
    refused(ada, microscope, now, 48, 1)
    tidy_bookings(now=now + 2 * DAY)
    april = now + 31 * DAY
    book(ada, microscope, april, 2, 1)
    assert accounts(quota)[1] == ("2026-04-01", 15, 60, 0)
    assert ledger(quota)[0][0] == EntryKind.CARRIED
    book(ada, microscope, april, 6, 0.5)
    assert accounts(quota)[1] == ("2026-04-01", 15, 90, 0)
    assert_adds_up()


def test_what_is_not_begun_is_not_carried_into(
    ada: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota(amount=Decimal(100), carry_percent=100, created_at=now)
    book(ada, microscope, now, 24 * 31, 1)
    assert accounts(quota) == [("2026-04-01", 0, 60, 0)]


def test_statements(ada: User, ben: User, microscope: Resource, now: datetime) -> None:
    """Two more where quotas count: their accounts are read, and the ledger is written."""
    plain = book(ada, microscope, now, 20)
    with count_queries() as before:
        cancel_booking(actor=ada, booking_id=plain.public_id, now=now)
    make_group("Cells", ben, ada)
    make_quota("Own")
    make_quota("Group", holder=QuotaHolder.GROUP)
    make_quota("Days", holder=QuotaHolder.GROUP, period=QuotaPeriod.ROLLING, rolling_days=30)
    with count_queries(7):
        booking = book(ada, microscope, now, 2)
    with count_queries(len(before) + 2):
        cancel_booking(actor=ada, booking_id=booking.public_id, now=now)


def test_a_quota_that_is_not_in_force_still_settles_what_it_counted(
    ada: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota()
    booking = book(ada, microscope, now, 2, 3)
    quota.is_active = False
    quota.save()
    other = book(ada, make_resource("NMR"), now, 6, 3)
    assert not other.is_counted
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    assert accounts(quota) == [("2026-03-01", 0, 0, 0)]


def test_a_quota_by_cost_counts_nothing_as_long_as_nothing_has_a_price(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_quota(measure=Measure.COST, amount=Decimal(0))
    assert not book(ada, microscope, now, 2, 3).is_counted


def test_staying_longer_takes_more_and_no_overdraft(
    ada: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota(amount=Decimal(150), overdraft=Decimal(60))
    booking = book(ada, microscope, now, 1, 2)
    begin = booking.start_time
    check_in(actor=ada, booking_id=booking.public_id, now=begin)
    extend_booking(
        actor=ada, booking_id=booking.public_id, until=begin + 2.5 * HOUR, now=begin + HOUR
    )
    assert accounts(quota) == [("2026-03-01", 0, 150, 0)]
    for end, code in ((3, "extend.approval"), (4, "quota.allowance")):
        with pytest.raises(BookingError) as caught:
            extend_booking(
                actor=ada,
                booking_id=booking.public_id,
                until=begin + end * HOUR,
                now=begin + HOUR,
            )
        assert [each.code for each in caught.value.refusals] == [code]
    check_out(actor=ada, booking_id=booking.public_id, now=begin + 2.5 * HOUR)
    assert accounts(quota) == [("2026-03-01", 0, 0, 150)]


def test_a_project_without_room_is_not_charged_later(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    project = make_project("One", make_group("Cells", ben, ada), ada)
    make_quota("Own", amount=Decimal(120))
    quota = make_quota(holder=QuotaHolder.PROJECT, amount=Decimal(60), overdraft=Decimal(60))
    charge = Charge(project_id=project.public_id)
    booking = book(ada, microscope, now, 2, 2)
    for overdraft, code in ((60, "quota.overdraft"), (0, "quota.allowance")):
        quota.overdraft = Decimal(overdraft)
        quota.save()
        with pytest.raises(BookingRefused) as caught:
            edit_booking(actor=ada, booking_id=booking.public_id, now=now, charge=charge)
        assert [each.code for each in caught.value.refusals] == [code]
    assert not ledger(quota)
    quota.amount = Decimal(120)
    quota.save()
    edit_booking(actor=ada, booking_id=booking.public_id, now=now, charge=charge)
    assert ledger(quota) == [("reserved", 120, 0)]
