"""Making, moving and cancelling, as the services promise it."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Limit, Outcome, Status
from booking.errors import ActionRefused, BookingRefused, NotAllowed
from booking.models import (
    Booking,
    BookingDecision,
    BookingPolicy,
    BookingStatus,
    DemandEntry,
    Hold,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResourceLink,
)
from booking.services.bookings import (
    BookingDetails,
    RequestKey,
    cancel_booking,
    create_booking,
    edit_booking,
    reschedule_booking,
)
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def at(now: datetime, hours: float, length: float = 1) -> Period:
    start = now + timedelta(hours=hours)
    return Period(start, start + timedelta(hours=length))


def book(user: User, resource: Resource, period: Period, now: datetime, **extra: object) -> Booking:
    return create_booking(
        actor=extra.pop("actor", user),  # type: ignore[arg-type]
        user=user,
        resource_ids=[resource.public_id],
        period=period,
        now=now,
        **extra,  # type: ignore[arg-type]
    )[0]


def test_create_writes_everything_at_once(ada: User, microscope: Resource, now: datetime) -> None:
    booking = book(ada, microscope, at(now, 2), now, details=BookingDetails(purpose="Cells"))

    assert booking.status == Status.CONFIRMED
    claim = ResourceCalendar.objects.get()
    assert (claim.booking_id, claim.during.lower, claim.during.upper) == (
        booking.pk,
        booking.start_time,
        booking.end_time,
    )
    assert BookingStatus.objects.get().to_status == Status.CONFIRMED
    assert BookingDecision.objects.get().outcome == Outcome.ALLOWED
    assert AuditLog.objects.get().action == "booking.created"
    event = OutboxEvent.objects.get()
    assert (event.kind, event.payload["bookings"]) == ("booking.created", [str(booking.public_id)])


def test_create_takes_five_queries(ada: User, microscope: Resource, now: datetime) -> None:
    with count_queries(5):
        book(ada, microscope, at(now, 2), now)


def test_buffers_are_claimed(ada: User, ben: User, now: datetime) -> None:
    resource = make_resource("NMR", setup_minutes=15, cleanup_minutes=30)
    book(ada, resource, at(now, 2), now)
    claim = ResourceCalendar.objects.get()
    assert claim.during.lower == now + timedelta(hours=1, minutes=45)
    assert claim.during.upper == now + timedelta(hours=3, minutes=30)
    with pytest.raises(BookingRefused) as caught:
        book(ben, resource, at(now, 3), now)
    assert [each.code for each in caught.value.refusals] == ["conflict.taken"]
    later = next(each for each in caught.value.repairs if each.kind == "later")
    assert later.start_time == now + timedelta(hours=3, minutes=45)


def test_refusal_leaves_only_decision_and_demand(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    with pytest.raises(BookingRefused) as caught:
        book(ada, microscope, at(now, 2), now)

    assert Booking.objects.count() == 1
    assert not OutboxEvent.objects.exists()
    assert not AuditLog.objects.exists()
    decision = BookingDecision.objects.get()
    assert (decision.outcome, decision.trace[0]["code"]) == (Outcome.REFUSED, "conflict.taken")
    demand = DemandEntry.objects.get()
    assert (demand.role, demand.codes, demand.minutes) == ("student", ["conflict.taken"], 60)
    kinds = {each.kind: each for each in caught.value.repairs}
    assert kinds["earlier"].start_time == now + HOUR
    assert kinds["later"].start_time == now + 3 * HOUR


def test_every_repair_can_be_booked(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 3 * HOUR)
    with pytest.raises(BookingRefused) as caught:
        book(ada, microscope, at(now, 2, 2), now)
    kinds = {each.kind for each in caught.value.repairs}
    assert kinds == {"earlier", "later", "shorter", "other_resource"}
    for repair in caught.value.repairs:
        booking = create_booking(
            actor=ada,
            user=ada,
            resource_ids=[repair.resource_id],
            period=Period(repair.start_time, repair.end_time),
            now=now,
        )[0]
        cancel_booking(actor=ada, booking_id=booking.public_id, now=now)


def test_all_refusals_come_at_once(ada: User, now: datetime, weekday_hours: None) -> None:
    resource = make_resource("NMR", requires_access=True)
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=120)
    with pytest.raises(BookingRefused) as caught:
        book(ada, resource, Period(now + 14 * HOUR, now + 18 * HOUR + timedelta(minutes=1)), now)
    assert {each.code for each in caught.value.refusals} == {
        "period.grid",
        "hours.closed",
        "access.missing",
        "length.maximum",
    }


def test_override_needs_a_manager_and_is_kept(
    ada: User, chris: User, now: datetime, weekday_hours: None
) -> None:
    resource = make_resource("NMR", requires_access=True)
    with pytest.raises(NotAllowed):
        book(ada, resource, at(now, 2), now, override="please")
    booking = book(ada, resource, at(now, 14), now, actor=chris, override="Beam time")
    decision = BookingDecision.objects.get(booking=booking)
    assert decision.outcome == Outcome.OVERRIDDEN
    assert {each["code"] for each in decision.trace} == {"access.missing", "hours.closed"}
    record = AuditLog.objects.get()
    assert record.reason == "Beam time"
    assert set(record.facts["overridden"]) == {"access.missing", "hours.closed"}


def test_conflict_cannot_be_overridden(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + 2 * HOUR)
    with pytest.raises(BookingRefused):
        book(chris, microscope, at(now, 2), now, override="I am the boss")


def test_students_do_not_book_for_others(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        book(ben, microscope, at(now, 2), now, actor=ada)


def test_several_resources_are_all_or_nothing(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    make_booking(ben, second_microscope, now + 2 * HOUR)
    ids = [microscope.public_id, second_microscope.public_id]
    with pytest.raises(BookingRefused):
        create_booking(actor=ada, user=ada, resource_ids=ids, period=at(now, 2), now=now)
    assert not Booking.objects.filter(user=ada).exists()

    made = create_booking(actor=ada, user=ada, resource_ids=ids, period=at(now, 4), now=now)
    assert [each.resource for each in made] == [microscope, second_microscope]
    assert len({each.group_id for each in made}) == 1
    assert OutboxEvent.objects.count() == 1


def test_linked_resource_is_occupied(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    ResourceLink.objects.create(resource=second_microscope, linked=laser)
    book(ada, microscope, at(now, 2), now)
    with pytest.raises(BookingRefused) as caught:
        book(ben, second_microscope, at(now, 2), now)
    assert [each.code for each in caught.value.refusals] == ["conflict.linked"]


def test_seats(ada: User, ben: User, eve: User, now: datetime) -> None:
    room = make_resource("Culture room", capacity=2)
    book(ada, room, at(now, 2), now)
    book(ben, room, at(now, 2), now)
    with pytest.raises(BookingRefused):
        book(eve, room, at(now, 2.5), now)


def test_same_request_key_books_once(ada: User, microscope: Resource, now: datetime) -> None:
    key = RequestKey(key="k1", digest="a" * 64)
    first = book(ada, microscope, at(now, 2), now, request_key=key)
    again = book(ada, microscope, at(now, 2), now, request_key=key)
    assert first == again
    assert Booking.objects.count() == 1
    with pytest.raises(ActionRefused) as caught:
        book(ada, microscope, at(now, 5), now, request_key=RequestKey(key="k1", digest="b" * 64))
    assert caught.value.refusals[0].code == "idempotency.mismatch"


def test_reschedule_moves_the_claim(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    booking = book(ada, microscope, at(now, 2), now)
    moved = reschedule_booking(
        actor=ada,
        booking_id=booking.public_id,
        period=at(now, 2.5),
        resource_id=second_microscope.public_id,
        now=now,
    )
    claim = ResourceCalendar.objects.get()
    assert (claim.resource, claim.during.lower) == (second_microscope, moved.start_time)
    assert moved.sequence == 1
    record = AuditLog.objects.filter(action="booking.rescheduled").get()
    assert record.changes["resource"] == ["Confocal 1", "Confocal 2"]


@pytest.mark.parametrize(
    ("begun", "end", "error"), [(3, 2, ActionRefused), (1, -0.5, BookingRefused)]
)
def test_time_that_is_over_cannot_be_given_back(
    ada: User, microscope: Resource, now: datetime, begun: float, end: float, error: type[Exception]
) -> None:
    booking = make_booking(ada, microscope, now - begun * HOUR, 2 * HOUR)
    start = booking.start_time if error is BookingRefused else now + HOUR
    period = Period(start, now + end * HOUR)
    with pytest.raises(error):
        reschedule_booking(actor=ada, booking_id=booking.public_id, period=period, now=now)
    assert not OutboxEvent.objects.exists()


def test_one_of_several_moves_beside_the_other(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    first, _second = create_booking(
        actor=ada,
        user=ada,
        resource_ids=[microscope.public_id, second_microscope.public_id],
        period=at(now, 1),
        now=now,
    )
    moved = reschedule_booking(actor=ada, booking_id=first.public_id, period=at(now, 1, 2), now=now)
    assert moved.period == at(now, 1, 2)


def test_a_linked_resource_cannot_be_booked_besides(
    ada: User, microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    for order in ([microscope, laser], [laser, microscope]):
        with pytest.raises(BookingRefused) as caught:
            create_booking(
                actor=ada,
                user=ada,
                resource_ids=[each.public_id for each in order],
                period=at(now, 1),
                now=now,
            )
        assert "leave one of them out" in caught.value.refusals[0].text
        assert caught.value.repairs == ()


def test_repairs_of_several_count_each_other(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    BookingPolicy.objects.create(limit=Limit.MINUTES_PER_DAY, value=120)
    both = [microscope.public_id, second_microscope.public_id]
    with pytest.raises(BookingRefused) as caught:
        create_booking(actor=ada, user=ada, resource_ids=both, period=at(now, 1, 2), now=now)
    offers = {each.kind: each for each in caught.value.repairs}
    assert set(offers) == {"shorter"}
    period = Period(offers["shorter"].start_time, offers["shorter"].end_time)
    assert period.length == HOUR
    create_booking(actor=ada, user=ada, resource_ids=both, period=period, now=now)


def test_refused_move_keeps_the_old_time(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    booking = book(ada, microscope, at(now, 2), now)
    make_booking(ben, microscope, now + 4 * HOUR)
    with pytest.raises(BookingRefused):
        reschedule_booking(actor=ada, booking_id=booking.public_id, period=at(now, 4), now=now)
    booking.refresh_from_db()
    assert booking.start_time == now + 2 * HOUR
    assert ResourceCalendar.objects.filter(booking=booking).exists()


def test_others_may_not_touch_it(ada: User, eve: User, microscope: Resource, now: datetime) -> None:
    booking = book(ada, microscope, at(now, 2), now)
    with pytest.raises(NotAllowed):
        cancel_booking(actor=eve, booking_id=booking.public_id, now=now)
    with pytest.raises(NotAllowed):
        reschedule_booking(actor=eve, booking_id=booking.public_id, period=at(now, 4), now=now)
    with pytest.raises(NotAllowed):
        edit_booking(actor=eve, booking_id=booking.public_id, now=now, purpose="x", notes="")


def test_cancel_frees_the_time(ada: User, ben: User, microscope: Resource, now: datetime) -> None:
    booking = book(ada, microscope, at(now, 2), now)
    cancelled = cancel_booking(actor=ada, booking_id=booking.public_id, now=now, reason="Ill")
    assert cancelled.status == Status.CANCELLED
    assert not ResourceCalendar.objects.exists()
    book(ben, microscope, at(now, 2), now)
    with pytest.raises(ActionRefused):
        cancel_booking(actor=ada, booking_id=booking.public_id, now=now)


@pytest.mark.parametrize(("hours", "late"), [(2, True), (30, False)])
def test_late_cancellation_is_marked(
    ada: User, microscope: Resource, now: datetime, hours: int, late: bool
) -> None:
    BookingPolicy.objects.create(limit=Limit.CANCEL_NOTICE, value=24 * 60)
    booking = book(ada, microscope, at(now, hours), now)
    cancelled = cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    assert cancelled.is_late_cancellation is late


def test_expired_hold_gives_way_and_a_live_one_does_not(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    period = at(now, 2)
    hold = Hold.objects.create(
        resource=microscope,
        user=ben,
        start_time=period.start,
        end_time=period.end,
        expires_at=now + timedelta(minutes=5),
    )
    ResourceCalendar.objects.create(
        resource=microscope,
        units=(None, None),
        during=(period.start, period.end),
        kind=3,
        hold=hold,
        hold_expires_at=hold.expires_at,
    )
    with pytest.raises(BookingRefused):
        book(ada, microscope, period, now)
    book(ada, microscope, period, now + timedelta(minutes=6))
    assert not Hold.objects.exists()


def test_unknown_resource_is_refused(ada: User, now: datetime) -> None:
    other = make_resource("Gone")
    other.delete()
    with pytest.raises(BookingRefused) as caught:
        book(ada, other, at(now, 2), now)
    assert caught.value.refusals[0].code == "resource.unknown"


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (datetime(2026, 3, 3, 9, tzinfo=UTC), datetime(2026, 3, 3, 9, tzinfo=UTC), "period.order"),
        (datetime(2026, 3, 3, 9, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC), "period.order"),
        (datetime(2026, 3, 3, tzinfo=UTC), datetime(2036, 3, 3, tzinfo=UTC), "period.too_long"),
        (datetime(9000, 3, 3, tzinfo=UTC), datetime(9000, 3, 4, tzinfo=UTC), "period.year"),
        (datetime(1, 3, 3, tzinfo=UTC), datetime(1, 3, 3, 1, tzinfo=UTC), "period.past"),
    ],
)
def test_absurd_times_are_refused_in_words(
    ada: User, microscope: Resource, now: datetime, start: datetime, end: datetime, code: str
) -> None:
    with pytest.raises(BookingRefused) as caught:
        book(ada, microscope, Period(start, end), now)
    assert code in [each.code for each in caught.value.refusals]
    assert not Booking.objects.exists()
