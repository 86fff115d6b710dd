"""Rivals for the last place, for a trainer's hour, for a certificate's number, and for a circle."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from accounts.models import User
from booking.enums import SeatState, Status
from booking.errors import ActionRefused, BookingError, SlotTaken
from booking.models import Booking, Course, OutboxEvent, Qualification, Resource, TrainingSession
from booking.services.bookings import reschedule_booking
from booking.services.courses import CourseDetails, change_course
from booking.services.qualifications import give_qualification, remind_of_training
from booking.services.trainer_matches import Match, arrange_training
from booking.services.training_seats import Result, record_results, sign_off, sign_up
from booking.services.training_sessions import (
    SessionPlan,
    cancel_session,
    change_session,
    schedule_session,
)
from labitory.lib.periods import Period
from tests.factories.training import make_course, make_qualification, make_seat, make_session
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)


def states(session: TrainingSession) -> list[str]:
    return sorted(session.places.values_list("state", flat=True))


def test_the_last_place_is_one_persons(
    ada: User, eve: User, dora: User, chris: User, ben: User, now: datetime
) -> None:
    session = make_session(make_course(), ben, now + HOUR, seats=1)
    results = race(
        [
            partial(sign_up, actor=each, session_id=session.public_id, now=now)
            for each in (ada, eve, dora, chris)
        ]
    )
    assert not [each for each in results if isinstance(each, Exception)], results
    assert states(session) == [SeatState.ENROLLED, *[SeatState.WAITING] * 3]


def test_two_taps_are_one_place(ada: User, ben: User, now: datetime) -> None:
    session = make_session(make_course(), ben, now + HOUR)
    results = race([partial(sign_up, actor=ada, session_id=session.public_id, now=now)] * 3)
    refused = [each for each in results if isinstance(each, ActionRefused)]
    assert [each.refusals[0].code for each in refused] == ["training.signed_up"] * 2, results
    assert states(session) == [SeatState.ENROLLED]


def test_places_given_back_and_taken_are_never_more_than_there_are(
    ada: User, eve: User, dora: User, chris: User, ben: User, now: datetime
) -> None:
    session = make_session(make_course(), ben, now + HOUR, seats=2)
    for each in (ada, eve):
        make_seat(session, each)
    results = race(
        [
            partial(sign_off, actor=ada, session_id=session.public_id, now=now),
            partial(sign_up, actor=dora, session_id=session.public_id, now=now),
            partial(sign_off, actor=eve, session_id=session.public_id, now=now),
            partial(sign_up, actor=chris, session_id=session.public_id, now=now),
        ]
    )
    assert not [each for each in results if isinstance(each, Exception)], results
    assert states(session) == [*[SeatState.CANCELLED] * 2, *[SeatState.ENROLLED] * 2]


def test_signing_up_against_calling_off(ada: User, ben: User, now: datetime) -> None:
    session = make_session(make_course(), ben, now + HOUR)
    race(
        [
            partial(sign_up, actor=ada, session_id=session.public_id, now=now),
            partial(cancel_session, actor=ben, session_id=session.public_id, now=now),
        ]
    )
    assert not session.places.filter(state=SeatState.ENROLLED).exists()


def test_seats_taken_away_against_signing_up(
    ada: User, eve: User, dora: User, ben: User, now: datetime
) -> None:
    session = make_session(make_course(instructors=[ben]), ben, now + HOUR, seats=3)
    make_seat(session, ada)
    plan = SessionPlan(
        period=Period(session.start_time, session.end_time), instructor_id=ben.public_id, seats=1
    )
    race(
        [
            partial(sign_up, actor=eve, session_id=session.public_id, now=now),
            partial(change_session, actor=ben, session_id=session.public_id, plan=plan, now=now),
            partial(sign_up, actor=dora, session_id=session.public_id, now=now),
        ]
    )
    session.refresh_from_db()
    seated = states(session).count(SeatState.ENROLLED)
    # Whoever came first: nobody who has a place loses it, and nobody gets one that is not there.
    assert (session.seats, seated) in {(1, 1), (3, 3)}


def test_a_session_on_an_instrument_moves_or_is_called_off_whole(
    ben: User, microscope: Resource, now: datetime
) -> None:
    course = make_course(instructors=[ben], asked_by=[microscope])
    start = now + 24 * HOUR
    plan = SessionPlan(
        period=Period(start, start + HOUR),
        instructor_id=ben.public_id,
        resource_id=microscope.public_id,
    )
    session = schedule_session(actor=ben, course_id=course.public_id, plan=plan, now=now)
    later = Period(start + 4 * HOUR, start + 5 * HOUR)
    booking = Booking.objects.get()
    results = race(
        [
            partial(
                change_session,
                actor=ben,
                session_id=session.public_id,
                plan=replace(plan, period=later, resource_id=None),
                now=now,
            ),
            partial(
                reschedule_booking,
                actor=ben,
                booking_id=booking.public_id,
                period=Period(start + 8 * HOUR, start + 9 * HOUR),
                now=now,
            ),
            partial(cancel_session, actor=ben, session_id=session.public_id, now=now),
        ]
    )
    unforeseen = [
        each
        for each in results
        if isinstance(each, Exception) and not isinstance(each, BookingError)
    ]
    assert not unforeseen, results
    booking.refresh_from_db()
    session.refresh_from_db()
    assert session.cancelled_at == now
    assert booking.status == Status.CANCELLED
    assert not booking.claims.exists()


@pytest.mark.parametrize("same_instrument", [True, False])
def test_a_trainers_hour_is_given_once(
    ada: User,
    eve: User,
    ben: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
    same_instrument: bool,
) -> None:
    course = make_course(instructors=[ben], asked_by=[microscope, second_microscope])
    other = microscope if same_instrument else second_microscope
    results = race(
        [
            partial(
                arrange_training,
                actor=trainee,
                trainee=trainee,
                match=Match(
                    course_id=course.public_id,
                    resource_id=resource.public_id,
                    trainer_id=ben.public_id,
                    period=Period(now + HOUR, now + 2 * HOUR),
                ),
                now=now,
            )
            for trainee, resource in ((ada, microscope), (eve, other))
        ]
    )
    refused = [each for each in results if isinstance(each, BookingError)]
    assert len(refused) == 1, results
    assert TrainingSession.objects.count() == Booking.objects.count() == 1
    assert OutboxEvent.objects.filter(kind="training.arranged").count() == 1


def test_two_trainers_and_one_instrument(
    ada: User, eve: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    course = make_course(instructors=[ben, chris], asked_by=[microscope])
    results = race(
        [
            partial(
                arrange_training,
                actor=trainee,
                trainee=trainee,
                match=Match(
                    course_id=course.public_id,
                    resource_id=microscope.public_id,
                    trainer_id=trainer.public_id,
                    period=Period(now + HOUR, now + 2 * HOUR),
                ),
                now=now,
            )
            for trainee, trainer in ((ada, ben), (eve, chris))
        ]
    )
    assert sum(isinstance(each, SlotTaken) for each in results) == 1, results
    assert TrainingSession.objects.count() == Booking.objects.count() == 1


def test_numbers_have_no_gaps_and_no_doubles(
    ada: User, eve: User, ben: User, chris: User, now: datetime
) -> None:
    course = make_course(instructors=[ben, chris])
    session = make_session(course, ben, now - HOUR)
    make_seat(session, ada)
    results = race(
        [
            partial(
                record_results,
                actor=ben,
                session_id=session.public_id,
                results=[Result(user_id=ada.public_id, outcome=SeatState.PASSED)],
                now=now,
            ),
            *(
                partial(
                    give_qualification,
                    actor=actor,
                    user=user,
                    course_id=course.public_id,
                    passed_on=date(2026, 3, 1),
                    now=now,
                )
                for actor, user in ((ben, eve), (chris, eve), (ben, ada), (chris, ben))
            ),
        ]
    )
    assert not [each for each in results if isinstance(each, Exception)], results
    numbers = sorted(Qualification.objects.values_list("certificate", flat=True))
    assert numbers == [f"2026-0000{n}" for n in range(1, 6)]


def test_two_halves_make_no_circle(chris: User, dora: User, now: datetime) -> None:
    first, second = make_course("First"), make_course("Second")
    results = race(
        [
            partial(
                change_course,
                actor=actor,
                course_id=course.public_id,
                details=CourseDetails(title=course.title, prerequisite_ids=(before.public_id,)),
                now=now,
            )
            for actor, course, before in ((chris, first, second), (dora, second, first))
        ]
    )
    refused = [each for each in results if isinstance(each, ActionRefused)]
    assert [each.refusals[0].code for each in refused] == ["course.circle"], results
    assert Course.prerequisites.through.objects.count() == 1


def test_two_workers_remind_once(ada: User, eve: User, now: datetime) -> None:
    course = make_course()
    for each in (ada, eve):
        make_qualification(each, course, expires_on=date(2026, 3, 10))
    results = race([partial(remind_of_training, now=now)] * 3)
    assert not [each for each in results if isinstance(each, Exception)], results
    people = [each.payload["people"] for each in OutboxEvent.objects.all()]
    assert sorted(people) == sorted([[ada.pk], [eve.pk]])
