"""Whatever becomes of bookings in whatever order, the ledger adds up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from booking.enums import LIVE, Measure, QuotaHolder, QuotaPeriod
from booking.errors import BookingError
from booking.models import Booking, Quota, QuotaAccount, QuotaEntry, Resource
from booking.services.bookings import cancel_booking, create_booking, reschedule_booking
from booking.services.check_ins import check_in, check_out, mark_no_show
from booking.services.quota_ledger import check_ledger, open_due_accounts
from booking.services.tidying import tidy_bookings
from labitory.lib.periods import Period
from tests.factories.groups import make_group
from tests.factories.quotas import assert_adds_up, make_quota

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# The clocks change, months and quarters end: three days around the end of March.
START = datetime(2026, 3, 28, 6, 0, tzinfo=UTC)
KINDS = ("book", "book", "move", "cancel", "use", "finish", "miss", "tidy", "open")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["book", "book", "move", "cancel", "use", "finish", "miss", "tidy", "open"]
        ),
        st.integers(0, 96),
        st.integers(1, 20),
        st.integers(0, 3),
    ),
    min_size=4,
    max_size=14,
)


def _act(kind: str, hour: int, length: int, place: int, people: list[User], tool: Resource) -> None:
    now = START + min(hour, 60) * HOUR
    if kind == "tidy":
        tidy_bookings(now=now)
        return
    if kind == "open":
        open_due_accounts(now=now)
        return
    begin = START + hour * HOUR
    period = Period(begin, begin + length * timedelta(minutes=30))
    if kind == "book":
        user = people[place % len(people)]
        create_booking(
            actor=user,
            user=user,
            resource_ids=[tool.public_id],
            period=period,
            now=begin - (place + 1) * HOUR,
        )
        return
    found = list(Booking.objects.order_by("pk"))
    if not found:
        return
    booking = found[place % len(found)]
    keys: dict[str, Any] = {"booking_id": booking.public_id}
    match kind:
        case "move":
            before = min(begin, booking.start_time) - HOUR
            reschedule_booking(actor=booking.user, period=period, now=before, **keys)
        case "cancel":
            cancel_booking(actor=booking.user, now=booking.start_time - HOUR, **keys)
        case "use":
            check_in(actor=booking.user, now=booking.start_time, **keys)
        case "finish":
            half = booking.start_time + (booking.end_time - booking.start_time) / 2
            check_out(actor=booking.user, now=half, **keys)
        case "miss":
            mark_no_show(actor=people[-1], now=booking.start_time + HOUR, **keys)


@given(ACTS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_sequence_keeps_the_ledger_adding_up(
    ada: User,
    ben: User,
    chris: User,
    microscope: Resource,
    acts: list[tuple[str, int, int, int]],
) -> None:
    QuotaEntry.objects.all().delete()
    QuotaAccount.objects.all().delete()
    for booking in Booking.objects.all():
        booking.claims.all().delete()
        booking.is_counted = False
        booking.status = "cancelled"
        booking.save()
    _make_quotas(ben, ada)
    for kind, hour, length, place in acts:
        try:
            _act(kind, hour, length, place, [ada, ben, chris], microscope)
        except BookingError as error:
            assert error.refusals
        assert_adds_up()
    assert check_ledger(now=START) == []
    _assert_nobody_has_too_much()


def _make_quotas(lead: User, member: User) -> None:
    if Quota.objects.exists():
        return
    make_group("Cells", lead, member)
    make_quota("Month", amount=Decimal(900), carry_percent=30)
    make_quota("Day", period=QuotaPeriod.DAY, amount=Decimal(480), holder=QuotaHolder.GROUP)
    make_quota("Rolling", period=QuotaPeriod.ROLLING, rolling_days=3, amount=Decimal(1000))
    make_quota("Count", measure=Measure.COUNT, amount=Decimal(3), grab_hours=2)


def _assert_nobody_has_too_much() -> None:
    """No account holds more than it gives, and every counted hour is a live booking's."""
    for account in QuotaAccount.objects.exclude(quota__period=QuotaPeriod.ROLLING):
        assert account.reserved + account.used <= account.quota.amount + account.carried
    dead = QuotaEntry.objects.exclude(booking__status__in=(*LIVE, "no_show"))
    for booking in {entry.booking for entry in dead if entry.booking}:
        assert sum(entry.reserved + entry.used for entry in booking.quota_entries.all()) == 0
