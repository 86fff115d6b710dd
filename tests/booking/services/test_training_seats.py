"""Places in sessions, the waiting list, and results."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import SeatState
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.models import Course, OutboxEvent, Qualification, TrainingSeat, TrainingSession
from booking.services.training_seats import Result, record_results, sign_off, sign_up
from tests.factories.training import make_course, make_qualification, make_seat, make_session

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PASSED, FAILED, ABSENT = SeatState.PASSED, SeatState.FAILED, SeatState.ABSENT


@pytest.fixture
def course(ben: User) -> Course:
    """A course of Ben's, valid for a year."""
    return make_course(instructors=[ben], valid_days=365)


@pytest.fixture
def session(course: Course, ben: User, now: datetime) -> TrainingSession:
    """A session tomorrow with one seat."""
    return make_session(course, ben, now + 24 * HOUR, seats=1)


@pytest.fixture
def held(course: Course, ben: User, ada: User, eve: User, now: datetime) -> TrainingSession:
    """A session that is over, in which Ada and Eve had places."""
    over = make_session(course, ben, now - 3 * HOUR)
    make_seat(over, ada)
    make_seat(over, eve)
    return over


def told(kind: str) -> list[list[int]]:
    return [each.payload["people"] for each in OutboxEvent.objects.filter(kind=kind)]


def code_of(error: pytest.ExceptionInfo[BookingError]) -> str:
    return error.value.refusals[0].code


def nothing_happened() -> bool:
    return not AuditLog.objects.exists() and not OutboxEvent.objects.exists()


def test_the_last_place_and_the_waiting_list(
    session: TrainingSession, ada: User, eve: User, chris: User, now: datetime
) -> None:
    states = [
        sign_up(actor=each, session_id=session.public_id, now=now).state for each in (ada, eve)
    ]
    assert states == [SeatState.ENROLLED, SeatState.WAITING]
    assert told("training.signed_up") == [[ada.pk]]
    assert sorted(AuditLog.objects.values_list("action", flat=True)) == [
        "training.queued",
        "training.signed_up",
    ]
    seat = sign_up(actor=chris, user=chris, session_id=session.public_id, now=now)
    assert seat.state == SeatState.WAITING


def test_the_next_moves_up_when_a_place_is_given_back(
    session: TrainingSession, ada: User, eve: User, chris: User, now: datetime
) -> None:
    for n, each in enumerate((ada, chris, eve)):
        sign_up(actor=each, session_id=session.public_id, now=now + n * timedelta(minutes=1))
    sign_off(actor=ada, session_id=session.public_id, now=now + HOUR)
    assert session.places.get(user=chris).state == SeatState.ENROLLED
    assert session.places.get(user=eve).state == SeatState.WAITING
    assert told("training.place_free") == [[chris.pk]]
    assert told("training.place_given_back") == []
    # Who comes back begins at the end.
    again = sign_up(actor=ada, session_id=session.public_id, now=now + 2 * HOUR)
    assert again.state == SeatState.WAITING
    sign_off(actor=chris, session_id=session.public_id, now=now + 3 * HOUR)
    assert session.places.get(user=eve).state == SeatState.ENROLLED


def test_giving_up_waiting_moves_nobody(
    session: TrainingSession, ada: User, eve: User, now: datetime
) -> None:
    for each in (ada, eve):
        sign_up(actor=each, session_id=session.public_id, now=now)
    sign_off(actor=eve, session_id=session.public_id, now=now)
    assert session.places.get(user=ada).state == SeatState.ENROLLED
    assert told("training.place_free") == told("training.place_given_back") == []


def test_the_instructor_hears_of_a_place_nobody_takes(
    session: TrainingSession, ada: User, ben: User, now: datetime
) -> None:
    sign_up(actor=ada, session_id=session.public_id, now=now)
    sign_off(actor=ada, session_id=session.public_id, now=now)
    assert told("training.place_given_back") == [[ben.pk]]


def test_others_are_signed_up_by_who_runs_the_session(
    session: TrainingSession, cast: dict[str, User], now: datetime
) -> None:
    for name, actor in cast.items():
        TrainingSeat.objects.all().delete()
        person = cast["ada" if name == "eve" else "eve"]
        if name in ("ben", "chris", "dora"):
            sign_up(actor=actor, user=person, session_id=session.public_id, now=now)
            sign_off(actor=actor, user=person, session_id=session.public_id, now=now)
        else:
            with pytest.raises(NotAllowed):
                sign_up(actor=actor, user=person, session_id=session.public_id, now=now)
            make_seat(session, person)
            with pytest.raises(NotAllowed):
                sign_off(actor=actor, user=person, session_id=session.public_id, now=now)


def test_what_comes_before_is_asked_for_by_name(
    course: Course, session: TrainingSession, ada: User, now: datetime
) -> None:
    first, second = make_course("First aid"), make_course("Fire")
    course.prerequisites.set([first, second])
    make_qualification(ada, first, expires_on=date(2026, 3, 1))
    make_qualification(ada, second)
    with pytest.raises(ActionRefused) as refused:
        sign_up(actor=ada, session_id=session.public_id, now=now)
    assert code_of(refused) == "training.prerequisite"
    assert "First aid" in refused.value.refusals[0].text
    assert "Fire" not in refused.value.refusals[0].text
    assert nothing_happened()
    make_qualification(ada, first, passed_on=date(2026, 3, 1))
    assert sign_up(actor=ada, session_id=session.public_id, now=now)


def test_no_place_in_what_is_over_called_off_closed_or_ones_own(
    course: Course, session: TrainingSession, ada: User, ben: User, now: datetime
) -> None:
    def refusal(who: User = ada, at: datetime = now) -> str:
        with pytest.raises(ActionRefused) as refused:
            sign_up(actor=who, session_id=session.public_id, now=at)
        return code_of(refused)

    assert refusal(at=session.start_time) == "training.begun"
    assert refusal(ben) == "training.instructor"
    Course.objects.update(is_active=False)
    assert refusal() == "training.closed"
    Course.objects.update(is_active=True)
    TrainingSession.objects.update(cancelled_at=now)
    assert refusal() == "training.cancelled"
    TrainingSession.objects.update(cancelled_at=None)
    assert nothing_happened()
    sign_up(actor=ada, session_id=session.public_id, now=now)
    assert refusal() == "training.signed_up"


def test_a_place_is_given_back_only_while_there_is_one(
    session: TrainingSession, ada: User, now: datetime
) -> None:
    with pytest.raises(ActionRefused) as refused:
        sign_off(actor=ada, session_id=session.public_id, now=now)
    assert code_of(refused) == "training.no_place"
    make_seat(session, ada)
    with pytest.raises(ActionRefused):
        sign_off(actor=ada, session_id=session.public_id, now=session.start_time)


def test_results_make_certificates_with_numbers(
    held: TrainingSession, ada: User, eve: User, ben: User, now: datetime
) -> None:
    results = [
        Result(user_id=ada.public_id, outcome=PASSED, score=90),
        Result(user_id=eve.public_id, outcome=ABSENT),
    ]
    record_results(actor=ben, session_id=held.public_id, results=results, now=now)
    made = Qualification.objects.get()
    assert (made.user, made.certificate, made.given_by) == (ada, "2026-00001", ben)
    assert (made.passed_on, made.expires_on) == (date(2026, 3, 2), date(2027, 3, 2))
    assert len(made.check_code) == 10
    assert told("training.passed") == [[ada.pk]]
    assert held.places.get(user=eve).state == ABSENT
    # Sent twice, it says the same again.
    record_results(actor=ben, session_id=held.public_id, results=results, now=now)
    assert Qualification.objects.count() == 1
    assert AuditLog.objects.filter(action="training.result_recorded").count() == 2


@pytest.mark.parametrize(("score", "state"), [(79, FAILED), (80, PASSED), (100, PASSED)])
def test_the_pass_mark_decides(
    held: TrainingSession, ada: User, ben: User, now: datetime, score: int, state: SeatState
) -> None:
    Course.objects.update(pass_mark=80)
    wrong = PASSED if state is FAILED else FAILED
    result = Result(user_id=ada.public_id, outcome=wrong, score=score)
    record_results(actor=ben, session_id=held.public_id, results=[result], now=now)
    assert held.places.get(user=ada).state == state
    assert Qualification.objects.exists() == (state is PASSED)
    assert len(told("training.not_passed")) == (state is FAILED)


def test_a_corrected_result_takes_the_certificate_back(
    held: TrainingSession, ada: User, ben: User, now: datetime
) -> None:
    for outcome in (PASSED, FAILED, PASSED):
        result = Result(user_id=ada.public_id, outcome=outcome)
        record_results(actor=ben, session_id=held.public_id, results=[result], now=now)
    first, second = Qualification.objects.order_by("pk")
    assert first.revoked_at == now
    assert (second.revoked_at, second.certificate) == (None, "2026-00002")
    assert told("training.revoked") == [[ada.pk]]


@pytest.mark.parametrize(
    ("mark", "values", "code"),
    [
        (None, {"outcome": PASSED, "score": 101}, "training.score"),
        (None, {"outcome": PASSED, "score": -1}, "training.score"),
        (None, {"outcome": ABSENT, "score": 5}, "training.absent_score"),
        (None, {"score": 90}, "training.outcome"),
        (None, {"outcome": SeatState.ENROLLED}, "training.outcome"),
        (80, {"outcome": PASSED}, "training.score_missing"),
    ],
)
def test_a_wrong_result_refuses_all_of_them(
    held: TrainingSession,
    ada: User,
    eve: User,
    ben: User,
    now: datetime,
    mark: int | None,
    values: dict[str, object],
    code: str,
) -> None:
    Course.objects.update(pass_mark=mark)
    good = Result(user_id=eve.public_id, outcome=PASSED, score=95)
    bad = Result(user_id=ada.public_id, **values)  # type: ignore[arg-type]
    with pytest.raises(BookingError) as refused:
        record_results(actor=ben, session_id=held.public_id, results=[good, bad], now=now)
    assert code_of(refused) == code
    assert refused.value.status == 422
    assert not Qualification.objects.exists()
    assert nothing_happened()


def test_results_come_after_the_beginning_from_who_runs_it_never_for_oneself(
    held: TrainingSession, session: TrainingSession, cast: dict[str, User], now: datetime
) -> None:
    def record(actor: User, about: User, where: TrainingSession) -> str:
        result = Result(user_id=about.public_id, outcome=FAILED)
        try:
            record_results(actor=actor, session_id=where.public_id, results=[result], now=now)
        except BookingError as error:
            return error.refusals[0].code
        return ""

    ada, ben, chris = cast["ada"], cast["ben"], cast["chris"]
    make_seat(session, ada)
    make_seat(held, chris)
    assert record(ben, ada, session) == "training.not_begun"
    assert record(ada, cast["eve"], held) == "permission.session"
    assert record(cast["eve"], ada, held) == "permission.session"
    assert record(chris, chris, held) == "training.self"
    assert record(ben, cast["dora"], held) == "training.no_place"
    assert nothing_happened()
    assert [record(each, ada, held) for each in (ben, chris, cast["dora"])] == ["", "", ""]


def test_the_day_of_passing_is_the_labs(
    course: Course, ada: User, ben: User, now: datetime
) -> None:
    # It ends at 00:30 of the next day in the lab.
    late = make_session(course, ben, datetime(2026, 3, 1, 21, 30, tzinfo=UTC))
    make_seat(late, ada)
    result = Result(user_id=ada.public_id, outcome=PASSED)
    record_results(actor=ben, session_id=late.public_id, results=[result], now=now)
    assert Qualification.objects.get().passed_on == date(2026, 3, 2)
