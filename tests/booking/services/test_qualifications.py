"""Certificates: given, taken back, kept alive by use, reminded of."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Status, TrainingState
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.handlers import HANDLERS
from booking.models import Course, OutboxEvent, Qualification, Resource, ResourceType
from booking.queries.qualifications import own_standings, standings, verify_code
from booking.services.check_ins import check_in, check_out
from booking.services.events import dispatch_batch
from booking.services.qualifications import (
    follow_use,
    give_qualification,
    remind_of_training,
    revoke_certificate,
)
from booking.tasks.training import remind_of_training as remind_task
from tests.factories.bookings import make_booking
from tests.factories.training import make_course, make_qualification

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 3, 2)


@pytest.fixture
def course(ben: User, microscope: Resource) -> Course:
    """A course of Ben's that the microscope asks for."""
    return make_course(instructors=[ben], asked_by=[microscope])


def give(actor: User, user: User, course: Course, now: datetime, **values: object) -> Qualification:
    return give_qualification(
        actor=actor,
        user=user,
        course_id=course.public_id,
        now=now,
        **{"passed_on": TODAY, **values},  # type: ignore[arg-type]
    )


def test_numbers_follow_one_another_within_the_year_of_passing(
    ada: User, eve: User, ben: User, course: Course, now: datetime
) -> None:
    make_qualification(eve, course, certificate="2026-00007")
    make_qualification(eve, course, certificate="2026-old")
    made = [
        give(ben, ada, course, now, passed_on=day).certificate
        for day in (TODAY, TODAY - DAY, date(2025, 12, 31))
    ]
    assert made == ["2026-00008", "2026-00009", "2025-00001"]


def test_who_may_certify_whom(cast: dict[str, User], course: Course, now: datetime) -> None:
    may = []
    for name, actor in cast.items():
        try:
            give(actor, cast["eve" if name == "ada" else "ada"], course, now)
        except NotAllowed:
            continue
        may.append(name)
    assert may == ["ben", "chris", "dora"]
    with pytest.raises(ActionRefused) as refused:
        give(cast["ben"], cast["ben"], course, now)
    assert refused.value.refusals[0].code == "training.self"


@pytest.mark.parametrize(
    ("fields", "values", "code"),
    [
        ({}, {"passed_on": TODAY + DAY}, "training.future"),
        ({"valid_days": 30}, {"passed_on": TODAY - 31 * DAY}, "training.expired"),
        ({}, {"score": 101}, "training.score"),
        ({"pass_mark": 80}, {"score": 79}, "training.not_passed"),
        ({"pass_mark": 80}, {}, "training.not_passed"),
        ({"is_active": False}, {}, "training.closed"),
    ],
)
def test_a_wrong_certificate_is_refused(
    ada: User,
    ben: User,
    course: Course,
    now: datetime,
    fields: dict[str, object],
    values: dict[str, object],
    code: str,
) -> None:
    Course.objects.update(**fields)
    with pytest.raises(BookingError) as refused:
        give(ben, ada, course, now, **values)
    assert refused.value.refusals[0].code == code
    assert not Qualification.objects.exists()
    assert not AuditLog.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_what_comes_before_must_still_count(
    ada: User, ben: User, course: Course, now: datetime
) -> None:
    course.prerequisites.add(before := make_course("First aid", decay_days=10))
    held = make_qualification(ada, before, passed_on=date(2026, 1, 1))
    with pytest.raises(ActionRefused) as refused:
        give(ben, ada, course, now)
    assert refused.value.refusals[0].code == "training.prerequisite"
    Qualification.objects.filter(pk=held.pk).update(used_at=now - DAY)
    assert give(ben, ada, course, now)


def test_taking_back_needs_a_reason_and_somebody_else(
    cast: dict[str, User], course: Course, now: datetime
) -> None:
    ada, ben, chris = cast["ada"], cast["ben"], cast["chris"]
    held, own = make_qualification(ada, course), make_qualification(chris, course)

    def refusal(actor: User, which: Qualification, reason: str = "Slept") -> str:
        try:
            revoke_certificate(
                actor=actor, qualification_id=which.public_id, reason=reason, now=now
            )
        except BookingError as error:
            return error.refusals[0].code
        return ""

    assert refusal(chris, held, "  ") == "training.reason"
    assert refusal(ben, held) == "permission.course"
    assert refusal(ada, held) == "permission.course"
    assert refusal(chris, own) == "training.self"
    assert not AuditLog.objects.exists()
    assert refusal(chris, held) == ""
    assert refusal(chris, held) == "training.revoked"
    assert OutboxEvent.objects.get().payload["people"] == [ada.pk]
    assert own_standings(user=ada, today=TODAY) == []


def test_several_certificates_of_one_course_count_together(ada: User, course: Course) -> None:
    make_qualification(ada, course, date(2025, 1, 1), expires_on=date(2026, 1, 1))
    last = make_qualification(ada, course, date(2025, 6, 1), expires_on=date(2026, 3, 20))
    found = standings(user=ada, courses=[course], today=TODAY)[course.pk]
    assert (found.state, found.until) == (TrainingState.ENDING, date(2026, 3, 20))
    assert found.qualification == last
    make_qualification(ada, course, date(2024, 1, 1))
    found = standings(user=ada, courses=[course], today=TODAY)[course.pk]
    assert (found.state, found.until) == (TrainingState.VALID, None)


def test_use_is_noted_where_it_ends(
    ada: User, eve: User, microscope: Resource, course: Course, now: datetime
) -> None:
    mine, hers = make_qualification(ada, course), make_qualification(eve, course)
    other = make_qualification(ada, make_course("Other"))
    revoked = make_qualification(ada, course, revoked_at=now)
    booking = make_booking(ada, microscope, now, HOUR)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    booking = check_out(actor=ada, booking_id=booking.public_id, now=now + HOUR / 2)
    for _again in range(2):
        dispatch_batch(handlers=HANDLERS, now=now + HOUR)
        OutboxEvent.objects.update(dispatched_at=None)
    mine.refresh_from_db()
    assert mine.used_at == booking.end_time
    for each in (hers, other, revoked):
        each.refresh_from_db()
        assert each.used_at is None


def test_what_was_completed_by_itself_is_noted_by_night(
    ada: User,
    microscope: Resource,
    second_microscope: Resource,
    confocals: ResourceType,
    now: datetime,
) -> None:
    held = make_qualification(ada, make_course("All confocals", asked_by=[confocals]))
    make_booking(ada, microscope, now - 3 * DAY, status=Status.COMPLETED)
    make_booking(ada, second_microscope, now - 2 * DAY, status=Status.COMPLETED)
    make_booking(ada, microscope, now - DAY, status=Status.NO_SHOW)
    make_booking(ada, microscope, now - 9 * DAY, status=Status.COMPLETED)
    assert follow_use(now=now) == 1
    assert follow_use(now=now) == 0
    held.refresh_from_db()
    assert held.used_at == now - 2 * DAY + HOUR


def reminded() -> list[tuple[int, str, str]]:
    return [
        (
            each.payload["people"][0],
            each.payload["facts"]["course"],
            each.payload["facts"]["until"]["day"],
        )
        for each in OutboxEvent.objects.filter(kind="training.ending").order_by("pk")
    ]


def test_reminders_come_once_before_the_end(
    ada: User, eve: User, course: Course, now: datetime
) -> None:
    make_qualification(ada, course, expires_on=TODAY + 30 * DAY)
    make_qualification(eve, course, expires_on=TODAY + 31 * DAY)
    for _again in range(2):
        assert remind_of_training(now=now) in (0, 1)
    assert reminded() == [(ada.pk, "Laser safety", "2026-04-01")]
    assert remind_of_training(now=now + DAY) == 1
    assert remind_of_training(now=now + 29 * DAY) == 0
    assert len(reminded()) == 2


def test_nobody_is_reminded_of_what_is_over_renewed_revoked_closed_or_for_ever(
    ada: User, ben: User, eve: User, chris: User, course: Course, now: datetime
) -> None:
    soon = TODAY + 5 * DAY
    make_qualification(ada, course, expires_on=TODAY - DAY)
    make_qualification(ben, course, expires_on=soon)
    make_qualification(ben, course, TODAY, expires_on=TODAY + 365 * DAY)
    make_qualification(eve, course, expires_on=soon, revoked_at=now)
    make_qualification(chris, course)
    User.objects.filter(pk=ada.pk).update(is_active=True)
    assert remind_of_training(now=now) == 0
    make_qualification(ada, make_course("Gone", is_active=False), expires_on=soon)
    make_qualification(eve, course, expires_on=soon)
    User.objects.filter(pk=eve.pk).update(is_active=False)
    assert remind_of_training(now=now) == 0


def test_a_lapse_is_reminded_of_anew_after_each_use(
    ada: User, microscope: Resource, now: datetime
) -> None:
    course = make_course("Cryo", decay_days=60, asked_by=[microscope])
    make_qualification(ada, course, passed_on=TODAY - 40 * DAY)
    assert remind_of_training(now=now) == 1
    assert reminded()[0][2] == "2026-03-22"
    make_booking(ada, microscope, now, status=Status.COMPLETED)
    # The use of today is noted first: it moves the end away.
    assert remind_of_training(now=now + 2 * DAY) == 0
    assert remind_of_training(now=now + 31 * DAY) == 1
    assert reminded()[1][2] == "2026-05-01"


@pytest.mark.usefixtures("frozen_clock")
def test_the_task_asks_the_clock(ada: User, course: Course) -> None:
    make_qualification(ada, course, expires_on=TODAY + DAY)
    assert remind_task() == 1
    assert remind_task() == 0
    dispatch_batch(handlers=HANDLERS, now=datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert not OutboxEvent.objects.filter(dispatched_at=None).exists()


def test_a_check_code_tells_name_course_and_validity(ada: User, course: Course) -> None:
    held = make_qualification(ada, course, check_code="abcdefghjk", expires_on=TODAY)
    found = verify_code(code=" ABCDE-fghjk ", today=TODAY)
    assert found is not None
    assert (found.name, found.course, found.state, found.until) == (
        "Ada",
        "Laser safety",
        "ending",
        TODAY,
    )
    late = verify_code(code="abcdefghjk", today=TODAY + DAY)
    assert late is not None
    assert late.state == "expired"
    Qualification.objects.filter(pk=held.pk).update(revoked_at=datetime(2026, 3, 1, tzinfo=UTC))
    gone = verify_code(code="abcdefghjk", today=TODAY)
    assert gone is not None
    assert (gone.state, gone.until) == ("revoked", None)
    for wrong in ("", "-", "\x00", "abcdefghjl", "a" * 40):
        assert verify_code(code=wrong, today=TODAY) is None
