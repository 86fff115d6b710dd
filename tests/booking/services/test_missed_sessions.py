"""What time brings about at the instrument: not coming, overstaying, forgetting to finish."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.enums import Role
from accounts.models import User
from booking.enums import (
    Limit,
    Measure,
    QuotaPeriod,
    SessionEnd,
    Status,
)
from booking.errors import ActionRefused, BookingError, BookingRefused
from booking.models import (
    Booking,
    BookingPolicy,
    BookingStatus,
    OutboxEvent,
    Quota,
    Resource,
    ResourceCalendar,
    UsageSession,
)
from booking.queries._missed_sql import lapses_sql
from booking.queries.check_ins import (
    missed_bookings,
    next_person,
    with_terms,
)
from booking.queries.free_slots import next_free
from booking.queries.sessions import UseFilters, figures_of, own_uses, running_now, uses_of
from booking.services.bookings import create_booking
from booking.services.check_ins import (
    check_in,
    check_out,
    extend_booking,
    start_now,
)
from booking.services.tidying import tidy_bookings
from booking.services.tidying_sessions import tidy_sessions
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def limit(which: Limit, value: int | None, **place: Any) -> None:
    BookingPolicy.objects.create(limit=which, value=value, **place)


def planned(user: User, resource: Resource, start: datetime, *length: timedelta) -> Booking:
    """A booking made well before, so that its grace counts from its start."""
    before = start - 24 * HOUR
    return make_booking(user, resource, start, *length, created_at=before, updated_at=before)


def told(kind: str) -> list[dict[str, Any]]:
    return [event.payload for event in OutboxEvent.objects.filter(kind=kind).order_by("pk")]


def code_of(error: pytest.ExceptionInfo[BookingError]) -> str:
    return error.value.refusals[0].code


def test_where_no_grace_is_set_nobody_is_missed(
    ada: User, microscope: Resource, now: datetime
) -> None:
    booking = planned(ada, microscope, now)
    assert tidy_sessions(now=now + 59 * MINUTE) == 0
    assert tidy_bookings(now=now + HOUR) == 1
    booking.refresh_from_db()
    assert booking.status == Status.COMPLETED


def test_who_does_not_come_within_the_grace_is_missed_and_the_rest_is_freed(
    ada: User, microscope: Resource, now: datetime
) -> None:
    limit(Limit.NO_SHOW_GRACE, 30)
    booking = planned(ada, microscope, now, 2 * HOUR)
    assert tidy_sessions(now=now + 29 * MINUTE) == 0
    assert tidy_sessions(now=now + 31 * MINUTE) == 1
    booking.refresh_from_db()
    assert booking.status == Status.NO_SHOW
    assert BookingStatus.objects.get().at == now + 30 * MINUTE
    assert not ResourceCalendar.objects.exists()
    event = told("booking.no_show")[0]
    assert event["freed"] == [
        {
            "resource": str(microscope.public_id),
            "start_time": (now + 31 * MINUTE).isoformat(),
            "end_time": (now + 2 * HOUR).isoformat(),
        }
    ]
    assert tidy_sessions(now=now + 32 * MINUTE) == 0


def test_a_missed_minute_changes_nothing(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    """No task has run: the person is refused, and the time can be seen and booked."""
    limit(Limit.NO_SHOW_GRACE, 30)
    booking = planned(ada, microscope, now, 2 * HOUR)
    later = now + 45 * MINUTE
    with pytest.raises(ActionRefused) as caught:
        check_in(actor=ada, booking_id=booking.public_id, now=later)
    assert code_of(caught) == "check_in.missed"
    slot = next_free(user=ben, now=later, resource_ids=[microscope.public_id], minimum=15 * MINUTE)[
        microscope.public_id
    ]
    assert slot.start_time == later
    mine = start_now(actor=ben, resource_id=microscope.public_id, until=now + HOUR, now=later)
    assert mine.status == Status.CHECKED_IN
    booking.refresh_from_db()
    assert booking.status == Status.NO_SHOW
    assert BookingStatus.objects.get(booking=booking).at == now + 30 * MINUTE


def test_after_a_downtime_each_gets_the_times_it_should_have_had(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    limit(Limit.NO_SHOW_GRACE, 30)
    limit(Limit.AUTO_CHECK_OUT, 20)
    missed = planned(ada, microscope, now, 2 * HOUR)
    short = planned(ben, microscope, now + 3 * HOUR, 15 * MINUTE)
    used = planned(ada, second_microscope, now)
    check_in(actor=ada, booking_id=used.public_id, now=now)
    OutboxEvent.objects.all().delete()
    assert tidy_sessions(now=now + 48 * HOUR) == 3
    at = dict(BookingStatus.objects.filter(to_status="no_show").values_list("booking", "at"))
    assert at == {missed.pk: now + 30 * MINUTE, short.pk: now + 3 * HOUR + 15 * MINUTE}
    session = UsageSession.objects.get()
    assert (session.ended_at, session.ended_how) == (now + 80 * MINUTE, SessionEnd.AUTOMATIC)
    assert [event["freed"] for event in told("booking.no_show")] == [[], []]
    # Long over: nobody is warned any more.
    assert not told("session.overrun")
    assert tidy_sessions(now=now + 48 * HOUR) == 0


def test_both_sides_hear_once_of_an_overrun(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    booking = planned(ada, microscope, now)
    following = planned(ben, microscope, now + HOUR)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    assert tidy_sessions(now=now + 59 * MINUTE) == 0
    for minutes in (61, 62, 63):
        tidy_sessions(now=now + minutes * MINUTE)
    assert [event["people"] for event in told("session.overrun")] == [[ada.pk]]
    assert [event["people"] for event in told("session.delayed")] == [[ben.pk]]
    assert str(following.public_id) in told("session.delayed")[0]["path"]
    booking.refresh_from_db()
    assert booking.status == Status.CHECKED_IN
    tidy_bookings(now=now + 2 * HOUR)
    booking.refresh_from_db()
    assert booking.status == Status.CHECKED_IN
    check_out(actor=ada, booking_id=booking.public_id, now=now + 75 * MINUTE)
    session = UsageSession.objects.get()
    assert session.ended_at == now + 75 * MINUTE
    assert Booking.objects.get(pk=booking.pk).end_time == now + HOUR


def test_what_was_forgotten_ends_with_its_plan(
    ada: User, microscope: Resource, now: datetime
) -> None:
    booking = planned(ada, microscope, now)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    assert list(running_now(ada, now + 12 * HOUR)) == [UsageSession.objects.get()]
    assert not running_now(ada, now + 13 * HOUR)
    tidy_sessions(now=now + 13 * HOUR)
    assert UsageSession.objects.get().ended_at == now + HOUR


def test_terms_are_the_same_in_both_tongues(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    """The condition inside raw statements and the one of querysets must never differ."""
    limit(Limit.NO_SHOW_GRACE, 60)
    limit(Limit.NO_SHOW_GRACE, 45, role=Role.STUDENT)
    limit(Limit.NO_SHOW_GRACE, 30, resource_type=microscope.resource_type)
    limit(Limit.NO_SHOW_GRACE, None, resource=second_microscope)
    limit(Limit.NO_SHOW_GRACE, 10, resource=second_microscope, role=Role.STUDENT)
    other = make_resource("NMR")
    for user in (ada, ben):
        for resource in (microscope, second_microscope, other):
            planned(user, resource, now + (0 if user == ada else 2) * HOUR)
    asked = with_terms(Booking.objects.order_by("pk")).values_list("pk", "lapses_at")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT b.id, {lapses_sql('b')} FROM booking_booking b ORDER BY 1")  # noqa: S608
        assert cursor.fetchall() == list(asked)
    minutes = [at and (at - now) / MINUTE for _pk, at in asked]
    assert minutes == [30, 10, 45, 150, None, 180]
    assert missed_bookings(now + 31 * MINUTE).count() == 2


def test_use_is_listed_beside_the_plan(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    limit(Limit.NO_SHOW_GRACE, 30)
    early, late, missed = (planned(ada, microscope, now + hours * HOUR) for hours in (0, 2, 4))
    for booking, minutes in ((early, 30), (late, 200)):
        check_in(actor=ada, booking_id=booking.public_id, now=booking.start_time)
        end = now + minutes * MINUTE
        check_out(actor=ada, booking_id=booking.public_id, now=end)
    later = now + 5 * HOUR
    for kind, found in (
        ("", [missed, late, early]),
        ("early", [early]),
        ("overrun", [late]),
        ("missed", [missed]),
    ):
        rows = uses_of(resource=microscope, filters=UseFilters(kind=kind), now=later)
        assert list(rows) == found
    tidy_sessions(now=later)
    figures = figures_of(own_uses(viewer=ada, filters=UseFilters(), now=later))
    assert (figures.bookings, figures.missed, figures.overran) == (3, 1, 1)
    assert (figures.planned, figures.used) == (3 * HOUR, 110 * MINUTE)
    assert not own_uses(viewer=ben, filters=UseFilters(), now=later)


def test_the_next_one_is_named_as_far_as_one_may_know(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    mine = planned(ada, microscope, now)
    planned(ben, microscope, now + HOUR)

    def named(viewer: User) -> str:
        found = next_person(viewer=viewer, resource=microscope, now=now, but=mine)
        return found.name if found else "nobody"

    assert named(ada) == "Ben"
    ben.preferences.show_name = False
    ben.preferences.save()
    assert named(ada) == ""
    assert named(chris) == "Ben"


def test_idle_tidying_asks_three_times(ada: User, microscope: Resource, now: datetime) -> None:
    planned(ada, microscope, now)
    with count_queries(3):
        tidy_sessions(now=now)


def test_creating_marks_no_more_than_what_is_in_the_way(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    limit(Limit.NO_SHOW_GRACE, 15)
    first = planned(ada, microscope, now, 2 * HOUR)
    other = planned(ben, second_microscope, now, 2 * HOUR)
    later = now + 30 * MINUTE
    create_booking(
        actor=ben,
        user=ben,
        resource_ids=[microscope.public_id],
        period=Period(later, now + HOUR),
        now=later,
    )
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.status, other.status) == (Status.NO_SHOW, Status.CONFIRMED)


def test_a_longer_stay_counts_on_a_quota_only_once(
    ada: User, microscope: Resource, now: datetime
) -> None:
    Quota.objects.create(
        name="Two hours",
        measure=Measure.MINUTES,
        amount=120,
        period=QuotaPeriod.WEEK,
        created_at=now,
    )
    booking = start_now(actor=ada, resource_id=microscope.public_id, until=now + HOUR, now=now)
    later = now + 30 * MINUTE
    with pytest.raises(BookingRefused):
        extend_booking(actor=ada, booking_id=booking.public_id, until=now + 135 * MINUTE, now=later)
    extend_booking(actor=ada, booking_id=booking.public_id, until=now + 2 * HOUR, now=later)
