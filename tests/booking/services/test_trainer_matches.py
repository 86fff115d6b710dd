"""Arranging a training: trainer, instrument and trainee in one step."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import SeatState, Status
from booking.errors import BookingError
from booking.models import Booking, Course, OpeningHours, OutboxEvent, Resource, TrainingSession
from booking.queries.trainer_matches import trainer_slots, trainers_of
from booking.services.trainer_matches import Match, arrange_training
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.training import make_course, make_qualification, make_seat, make_session

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def course(ben: User, microscope: Resource) -> Course:
    """A course of Ben's that the microscope asks for."""
    return make_course(instructors=[ben], asked_by=[microscope])


@pytest.fixture
def match(course: Course, ben: User, microscope: Resource, now: datetime) -> Match:
    """An hour with Ben tomorrow."""
    return Match(
        course_id=course.public_id,
        resource_id=microscope.public_id,
        trainer_id=ben.public_id,
        period=Period(now + 24 * HOUR, now + 25 * HOUR),
    )


def refusal(actor: User, trainee: User, match: Match, now: datetime) -> str:
    try:
        arrange_training(actor=actor, trainee=trainee, match=match, now=now)
    except BookingError as error:
        return error.refusals[0].code
    return ""


def test_all_three_are_booked_in_one_step(
    ada: User, ben: User, course: Course, match: Match, microscope: Resource, now: datetime
) -> None:
    session = arrange_training(actor=ada, trainee=ada, match=match, now=now)
    booking = Booking.objects.get()
    assert (booking.user, booking.resource, booking.period) == (ben, microscope, match.period)
    assert [each.user for each in booking.attendees.all()] == [ada]
    assert (session.booking, session.instructor, session.seats) == (booking, ben, 1)
    assert session.places.get().user == ada
    assert AuditLog.objects.get(action="training.arranged").actor_id == ada.pk
    kinds = list(OutboxEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["booking.created", "training.arranged"]
    assert OutboxEvent.objects.get(kind="training.arranged").payload["people"] == [ben.pk]


@pytest.mark.parametrize("name", ["ben", "chris", "dora"])
def test_who_gives_it_arranges_it_for_others(
    cast: dict[str, User], match: Match, now: datetime, name: str
) -> None:
    assert refusal(cast[name], cast["ada"], match, now) == ""


def test_strangers_arrange_nothing_for_others(
    ada: User, eve: User, match: Match, now: datetime
) -> None:
    assert refusal(eve, ada, match, now) == "permission.course_give"
    assert not Booking.objects.exists()


def test_wrong_matches_leave_nothing_behind(
    ada: User,
    ben: User,
    chris: User,
    course: Course,
    match: Match,
    second_microscope: Resource,
    now: datetime,
) -> None:
    start = match.period.start
    cases = {
        "training.not_for": replace(match, resource_id=second_microscope.public_id),
        "training.instructor": replace(match, trainer_id=chris.public_id),
        "training.past": replace(match, period=Period(now - HOUR, now + HOUR)),
        "period.grid": replace(
            match, period=Period(start + timedelta(minutes=1), start + timedelta(minutes=61))
        ),
    }
    for code, wrong in cases.items():
        assert refusal(ada, ada, wrong, now) == code
    too_long = replace(match, period=Period(start, start + 13 * HOUR))
    assert refusal(ada, ada, too_long, now) == "training.past"
    assert refusal(ben, ben, match, now) == "training.instructor"
    course.prerequisites.add(make_course("First aid"))
    assert refusal(ada, ada, match, now) == "training.prerequisite"
    course.prerequisites.clear()
    Course.objects.filter(pk=course.pk).update(is_active=False)
    assert refusal(ada, ada, match, now) == "training.closed"
    assert not Booking.objects.exists()
    assert not TrainingSession.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_nobody_is_in_two_places(
    ada: User,
    ben: User,
    eve: User,
    match: Match,
    second_microscope: Resource,
    now: datetime,
) -> None:
    start = match.period.start
    mine = make_booking(ada, second_microscope, start)
    assert refusal(ada, ada, match, now) == "training.busy"
    Booking.objects.filter(pk=mine.pk).update(status=Status.CANCELLED)
    lecture = make_session(make_course("Lecture"), ben, start - HOUR)
    assert refusal(ada, ada, match, now) == "training.busy"
    TrainingSession.objects.filter(pk=lecture.pk).update(cancelled_at=now)
    other = make_session(make_course("Other"), eve, start)
    seat = make_seat(other, ada)
    assert refusal(ada, ada, match, now) == "training.busy"
    seat.state = SeatState.WAITING
    seat.save()
    assert refusal(ada, ada, match, now) == ""


def test_one_training_of_a_course_at_a_time(ada: User, match: Match, now: datetime) -> None:
    assert refusal(ada, ada, match, now) == ""
    period = match.period.widen(-3 * HOUR, 3 * HOUR)
    assert refusal(ada, ada, replace(match, period=period), now) == "training.signed_up"
    assert Booking.objects.count() == 1


def test_slots_are_free_for_all_three(
    ada: User,
    ben: User,
    eve: User,
    course: Course,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    # Open on Mondays from 8 to 14 in the lab: it is Monday, 8:00.
    OpeningHours.objects.create(weekday=0, opens_at=time(8), closes_at=time(14))
    make_booking(eve, microscope, now, HOUR)
    make_booking(ben, second_microscope, now + HOUR, HOUR)
    make_booking(ada, second_microscope, now + 2 * HOUR, timedelta(minutes=50))
    make_session(make_course("Lecture"), ben, now + 4 * HOUR, length=HOUR)
    found = trainer_slots(
        trainers=trainers_of(course, ada),
        resource=microscope,
        trainee=ada,
        length=HOUR,
        now=now,
    )
    today = [each for each in found if each.start_time < now + 24 * HOUR]
    # 10:50 comes onto the grid of a quarter; after the lecture one hour is left.
    assert [each.start_time - now for each in today] == [3 * HOUR, 5 * HOUR]
    assert {each.trainer for each in found} == {ben}
    assert len(found) == 2 + 4 + 4
    for each in found[:1]:
        match = Match(
            course_id=course.public_id,
            resource_id=microscope.public_id,
            trainer_id=ben.public_id,
            period=Period(each.start_time, each.end_time),
        )
        assert refusal(ada, ada, match, now) == ""


def test_nobody_trains_themselves(ada: User, ben: User, course: Course) -> None:
    assert trainers_of(course, ada) == [ben]
    assert trainers_of(course, ben) == []
    make_qualification(ada, course)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert trainers_of(course, ada) == []


def test_trainers_are_asked_at_night_only_when_nothing_else_is_free(
    ada: User, ben: User, course: Course, microscope: Resource, now: datetime
) -> None:
    trainers = trainers_of(course, ada)

    def offered() -> list[datetime]:
        slots = trainer_slots(
            trainers=trainers, resource=microscope, trainee=ada, length=HOUR, now=now
        )
        return [each.start_time.astimezone(microscope.zone) for each in slots]

    usual = offered()
    assert {each.weekday() for each in usual} == set(range(5))
    assert (min(each.hour for each in usual), max(each.hour for each in usual)) == (8, 11)
    OpeningHours.objects.create(weekday=5, opens_at=time(20), closes_at=time(22))
    assert {(each.weekday(), each.hour) for each in offered()} == {(5, 20), (5, 21)}
