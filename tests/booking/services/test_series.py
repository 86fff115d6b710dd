"""Booking and cancelling series: in one transaction, with one message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from audit.sentences import tell
from booking.enums import Limit, Outcome, Status
from booking.errors import ActionRefused, NotAllowed, SlotTaken
from booking.handlers import HANDLERS
from booking.models import (
    Approval,
    Booking,
    BookingDecision,
    BookingPolicy,
    BookingSeries,
    BookingStatus,
    DemandEntry,
    Message,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResourceLink,
)
from booking.notifications.channels.email import build_mail
from booking.queries.series import SeriesWish, preview_series
from booking.services.bookings import BookingDetails, cancel_booking
from booking.services.events import dispatch_batch
from booking.services.series import SeriesMade, cancel_series, create_series
from booking.services.undo import undo_act
from labitory.lib.periods import Period
from tests.booking.services.conftest import DemoAt
from tests.factories.bookings import make_booking
from tests.factories.quotas import assert_adds_up, ledger, make_quota
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def wish(user: User, resource: Resource, now: datetime, rule: str, **fields: object) -> SeriesWish:
    """Tomorrow at nine, an hour each."""
    given = {
        "actor": user,
        "user": user,
        "resource_id": resource.public_id,
        "rule": rule,
        "first": now + DAY + HOUR,
        "length": HOUR,
        "now": now,
        **fields,
    }
    return SeriesWish(**given)  # type: ignore[arg-type]


def book(asked: SeriesWish, **fields: object) -> SeriesMade:
    """All of it, unless told otherwise."""
    return create_series(wish=asked, details=BookingDetails(), **fields)  # type: ignore[arg-type]


def assert_nothing() -> None:
    """No row, no event, no claim of a series."""
    assert not BookingSeries.objects.exists()
    assert not Booking.objects.filter(series__isnull=False).exists()
    assert not OutboxEvent.objects.exists()


def test_a_year_of_weeks_is_one_short_transaction(
    ada: User, microscope: Resource, now: datetime, weekday_hours: None
) -> None:
    with count_queries(10):
        made = book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=52"))
    assert len(made.bookings) == 52
    assert (ResourceCalendar.objects.count(), BookingStatus.objects.count()) == (52, 52)
    assert {each.status for each in made.bookings} == {Status.CONFIRMED}
    assert [each.occurs_at for each in made.bookings] == [each.start_time for each in made.bookings]
    assert OutboxEvent.objects.count() == 1


def test_nights_end_at_the_hour_that_was_typed_when_the_clocks_change(
    ada: User, microscope: Resource, now: datetime
) -> None:
    zone = microscope.zone
    first = datetime(2026, 3, 28, 20, tzinfo=zone)
    length = datetime(2026, 3, 29, 10, tzinfo=zone).astimezone(UTC) - first.astimezone(UTC)
    assert length == 13 * HOUR
    made = book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3", first=first, length=length))
    ends = {f"{each.end_time.astimezone(zone):%H:%M}" for each in made.bookings}
    assert ends == {"10:00"}
    assert [each.period.length for each in made.bookings] == [13 * HOUR, 14 * HOUR, 14 * HOUR]
    assert made.series.minutes == 14 * 60


def test_with_approval_and_quota_it_stays_within_fifteen(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    microscope.requires_approval = True
    microscope.save()
    quota = make_quota(amount=6000)
    with count_queries(15):
        made = book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=52"))
    assert {each.status for each in made.bookings} == {Status.PENDING}
    assert Approval.objects.count() == 52
    assert len(ledger(quota)) == 52
    assert_adds_up()
    assert [each.kind for each in OutboxEvent.objects.all()] == ["booking.requested"]
    cancel_series(actor=ada, series_id=made.series.public_id, now=now)
    assert not Approval.objects.filter(closed_at=None).exists()
    assert_adds_up()


def test_one_message_names_all_times(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    asked = replace(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=4"), actor=chris)
    made = book(asked)
    dispatch_batch(handlers=HANDLERS, now=now)
    [email] = Message.objects.filter(user=ada)
    mail = build_mail(email)
    assert mail.subject.startswith("Booked: Confocal 1,")
    assert "and 3 more times" in mail.subject
    assert mail.body.count("Confocal 1") >= 4
    assert str(made.series.public_id) in mail.body
    [(_name, content, _kind)] = mail.attachments
    assert str(content).count("BEGIN:VEVENT") == 4


def test_all_or_nothing_names_what_stands_in_the_way(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + DAY + HOUR + WEEK)
    with pytest.raises(SlotTaken) as caught:
        book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3"))
    [refusal] = caught.value.refusals
    assert refusal.code == "conflict.taken"
    assert refusal.facts["occurrences"] == [(now + DAY + HOUR + WEEK).isoformat()]
    assert_nothing()
    assert BookingDecision.objects.get().outcome == Outcome.REFUSED
    assert DemandEntry.objects.get().codes == ["conflict.taken"]


def test_all_that_can_be_leaves_the_rest_out(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + DAY + HOUR + WEEK)
    made = book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3"), skip_refused=True)
    assert len(made.bookings) == 2
    [left] = made.left_out
    assert left.occurrence.occurs_at == now + DAY + HOUR + WEEK
    assert left.standing[0].code == "conflict.taken"
    made.series.refresh_from_db()
    assert made.series.excluded == [left.occurrence.occurs_at]
    assert DemandEntry.objects.count() == 1


def test_chosen_times_are_booked_and_unticked_ones_left_out(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + DAY + HOUR + WEEK)
    asked = wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3")
    one, two, three = preview_series(asked).occurrences
    choices = {two.occurrence.occurs_at: two.repair, three.occurrence.occurs_at: None}
    made = book(replace(asked, choices=choices))
    assert [each.occurs_at for each in made.bookings] == [
        one.occurrence.occurs_at,
        two.occurrence.occurs_at,
    ]
    assert made.bookings[1].period == two.repair
    made.series.refresh_from_db()
    assert made.series.excluded == [three.occurrence.occurs_at]


def test_none_possible_is_refused(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now, timedelta(days=30))
    with pytest.raises(SlotTaken):
        book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3"), skip_refused=True)
    assert_nothing()
    asked = wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=1")
    with pytest.raises(ActionRefused) as caught:
        book(replace(asked, choices={asked.first: None}))
    assert caught.value.refusals[0].code == "series.nothing"


def test_a_manager_overrides_with_a_reason(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.HORIZON, value=8 * 24 * 60)
    asked = wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3")
    with pytest.raises(NotAllowed):
        book(asked, override="please")
    made = book(replace(asked, actor=chris), override="agreed")
    assert len(made.bookings) == 3
    outcomes = list(
        BookingDecision.objects.order_by("start_time").values_list("outcome", flat=True)
    )
    assert outcomes == [Outcome.ALLOWED, Outcome.OVERRIDDEN, Outcome.OVERRIDDEN]


def test_nobody_books_for_others(ada: User, ben: User, microscope: Resource, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        book(replace(wish(ben, microscope, now, "FREQ=DAILY;COUNT=2"), actor=ada))
    assert_nothing()


def test_linked_resources_and_seats_are_claimed_with_each(
    ada: User, confocals: object, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    ResourceLink.objects.create(resource=microscope, linked=second_microscope)
    book(wish(ada, microscope, now, "FREQ=DAILY;COUNT=3"))
    assert ResourceCalendar.objects.filter(resource=second_microscope).count() == 3


def test_each_history_tells_the_origin(ada: User, microscope: Resource, now: datetime) -> None:
    made = book(wish(ada, microscope, now, "FREQ=WEEKLY;COUNT=3"))
    log = AuditLog.objects.get(object_type="booking.booking", object_id=str(made.bookings[1].pk))
    assert "2 of 3 at once, in a series" in tell(log)
    series = AuditLog.objects.get(object_type="booking.bookingseries")
    assert tell(series) == "Ada booked Confocal 1 in a series of 3"


def test_the_rest_is_cancelled_in_one_act(ada: User, microscope: Resource, now: datetime) -> None:
    made = book(wish(ada, microscope, now, "FREQ=DAILY;COUNT=30"))
    OutboxEvent.objects.all().delete()
    third = made.bookings[2]
    with count_queries() as counted:
        gone = cancel_series(
            actor=ada,
            series_id=made.series.public_id,
            from_booking=third.public_id,
            now=now + HOUR,
            reason="Sample lost",
        )
    assert len(counted) <= 12
    assert len(gone) == 28
    assert ResourceCalendar.objects.count() == 2
    assert OutboxEvent.objects.get().kind == "booking.cancelled"
    made.series.refresh_from_db()
    assert (len(made.series.excluded), made.series.ended_at) == (28, now + HOUR)


def test_what_was_used_stays_and_nothing_left_is_said(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    made = book(wish(ada, microscope, now, "FREQ=DAILY;COUNT=3"))
    key = made.series.public_id
    with pytest.raises(NotAllowed):
        cancel_series(actor=ben, series_id=key, now=now)
    assert len(cancel_series(actor=ada, series_id=key, now=now + 2 * DAY)) == 2
    with pytest.raises(ActionRefused) as caught:
        cancel_series(actor=ada, series_id=key, now=now + 2 * DAY)
    assert caught.value.refusals[0].code == "series.over"


def test_one_cancelled_is_an_exception_until_it_is_back(
    ada: User, microscope: Resource, now: datetime
) -> None:
    made = book(wish(ada, microscope, now, "FREQ=DAILY;COUNT=3"))
    second = made.bookings[1]
    cancel_booking(actor=ada, booking_id=second.public_id, now=now)
    made.series.refresh_from_db()
    assert made.series.excluded == [second.occurs_at]
    act = second.undoable_acts.get()
    undo_act(actor=ada, act_id=act.public_id, now=now + timedelta(minutes=1))
    made.series.refresh_from_db()
    assert made.series.excluded == []


def test_a_period_is_what_it_says(ada: User, microscope: Resource, now: datetime) -> None:
    made = book(wish(ada, microscope, now, "RRULE:freq=daily;count=2"))
    assert made.series.rule == "FREQ=DAILY;COUNT=2"
    assert made.bookings[0].period == Period(now + DAY + HOUR, now + DAY + 2 * HOUR)


def test_the_demo_shows_a_series_with_exceptions(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    series = BookingSeries.objects.get(user__username="ada")
    bookings = list(series.bookings.order_by("occurs_at"))
    assert len(bookings) >= 4
    assert [each for each in bookings if each.start_time != each.occurs_at]
    [gone] = [each for each in bookings if each.status == Status.CANCELLED]
    assert gone.occurs_at in series.excluded
