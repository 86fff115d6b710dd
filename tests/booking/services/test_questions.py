"""What is asked at the instrument, and what it takes for an answer."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Moment, QuestionKind, Status
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.models import Answer, Booking, Question, Resource, UsageSession
from booking.queries.questions import asked_questions
from booking.services.check_ins import Leaving, check_in, check_out
from booking.services.questions import (
    QuestionDetails,
    add_question,
    change_question,
    move_question,
)
from tests.factories.bookings import make_booking

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
TICK = QuestionDetails(moment="start", kind="checkbox", label="Is the door closed?")
POWER = QuestionDetails(
    moment="end",
    kind="number",
    label="Laser power",
    minimum=Decimal("0.5"),
    maximum=Decimal(20),
    unit="mW",
)
GAS = QuestionDetails(
    moment="start", kind="select", label="Gas", choices=("Argon", "None"), is_required=False
)
NOTE = QuestionDetails(moment="end", kind="text", label="What was odd?", is_required=False)


@pytest.fixture
def ask(chris: User, microscope: Resource, now: datetime) -> Any:
    def add(details: QuestionDetails) -> Question:
        return add_question(actor=chris, resource=microscope, details=details, now=now)

    return add


@pytest.fixture
def booking(ada: User, microscope: Resource, now: datetime) -> Booking:
    return make_booking(ada, microscope, now)


def codes(error: BookingError) -> list[str]:
    return [refusal.code for refusal in error.refusals]


def test_answers_stay_with_the_session_in_the_words_of_their_time(
    ask: Any, ada: User, chris: User, booking: Booking, now: datetime
) -> None:
    tick, power, gas, note = (ask(each) for each in (TICK, POWER, GAS, NOTE))
    answers = {str(tick.public_id): True, str(gas.public_id): "Argon"}
    check_in(actor=ada, booking_id=booking.public_id, now=now, answers=answers)
    change_question(
        actor=chris,
        question_id=power.public_id,
        details=QuestionDetails(**{**_kept(power), "label": "Power at the end"}),
        now=now,
    )
    said = Leaving(answers={str(power.public_id): "2,50", str(note.public_id): "  "})
    check_out(actor=ada, booking_id=booking.public_id, now=now + 20 * MINUTE, leaving=said)
    kept = UsageSession.objects.get().answers.all()
    assert [(each.label, each.value, each.number) for each in kept] == [
        ("Is the door closed?", "yes", None),
        ("Gas", "Argon", None),
        ("Power at the end", "2.5", Decimal("2.500")),
    ]
    told = AuditLog.objects.get(action="booking.checked_in").facts["answers"]
    assert told == ["Is the door closed?: yes", "Gas: Argon"]


def _kept(question: Question) -> dict[str, Any]:
    names = QuestionDetails.__dataclass_fields__
    kept = {name: getattr(question, name) for name in names}
    return {**kept, "choices": tuple(question.choices)}


@pytest.mark.parametrize(
    ("details", "given", "code"),
    [
        (TICK, None, "answer.missing"),
        (TICK, False, "answer.missing"),
        (POWER, "", "answer.missing"),
        (POWER, "much", "answer.number"),
        (POWER, "NaN", "answer.number"),
        (POWER, "1e400", "answer.number"),
        (POWER, "1.23456", "answer.number"),
        (POWER, "0.4", "answer.range"),
        (POWER, "20.001", "answer.range"),
        (GAS, "Helium", "answer.choice"),
        (NOTE, "x" * 1001, "answer.too_long"),
    ],
)
def test_what_is_no_answer_is_refused_at_its_question_and_nothing_is_written(
    ask: Any,
    ada: User,
    booking: Booking,
    now: datetime,
    details: QuestionDetails,
    given: object,
    code: str,
) -> None:
    question = ask(QuestionDetails(**{**_told(details), "moment": "start"}))
    with pytest.raises(BookingError) as caught:
        check_in(
            actor=ada,
            booking_id=booking.public_id,
            now=now,
            answers={str(question.public_id): given},
        )
    assert codes(caught.value) == [code]
    assert caught.value.status == 422
    assert caught.value.refusals[0].field == question.field_name
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED
    assert not UsageSession.objects.exists()
    assert not Answer.objects.exists()


def _told(details: QuestionDetails) -> dict[str, Any]:
    return {name: getattr(details, name) for name in QuestionDetails.__dataclass_fields__}


def test_what_is_not_asked_is_not_answered(
    ask: Any, ada: User, booking: Booking, now: datetime
) -> None:
    of_the_end = ask(NOTE)
    for key in (str(of_the_end.public_id), "no-id-at-all"):
        with pytest.raises(BookingError) as caught:
            check_in(actor=ada, booking_id=booking.public_id, now=now, answers={key: "x"})
        assert codes(caught.value) == ["answer.unknown"]


def test_whoever_finishes_for_somebody_need_not_answer(
    ask: Any, ada: User, chris: User, booking: Booking, now: datetime
) -> None:
    ask(POWER)
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    with pytest.raises(BookingError):
        check_out(actor=ada, booking_id=booking.public_id, now=now + MINUTE)
    done = check_out(actor=chris, booking_id=booking.public_id, now=now + MINUTE)
    assert done.status == Status.COMPLETED


def test_those_of_the_type_come_first_and_what_is_off_is_not_asked(
    ask: Any, chris: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    kind = microscope.resource_type
    here = ask(TICK)
    everywhere = add_question(actor=chris, kind=kind, details=GAS, now=now)
    off = ask(QuestionDetails(**{**_told(TICK), "label": "Old", "is_active": False}))
    at_end = ask(POWER)
    assert asked_questions(microscope) == [everywhere, here, at_end]
    assert asked_questions(second_microscope, Moment.START) == [everywhere]
    assert off not in asked_questions(microscope)


def test_order_is_changed_one_place_at_a_time(
    ask: Any, chris: User, microscope: Resource, now: datetime
) -> None:
    first, second, third = (
        ask(QuestionDetails(**{**_told(TICK), "label": label})) for label in "abc"
    )
    move_question(actor=chris, question_id=third.public_id, up=True, now=now)
    assert asked_questions(microscope) == [first, third, second]
    move_question(actor=chris, question_id=first.public_id, up=True, now=now)
    move_question(actor=chris, question_id=first.public_id, up=False, now=now)
    assert asked_questions(microscope) == [third, first, second]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"label": "  "}, "label"),
        ({"kind": "song"}, "kind"),
        ({"kind": "select", "choices": ("One",)}, "choices"),
        ({"kind": "select", "choices": ("One", "One ")}, "choices"),
        ({"kind": "select", "choices": ("One", "x" * 101)}, "choices"),
        ({"kind": "number", "minimum": Decimal(3), "maximum": Decimal(2)}, "maximum"),
        ({"kind": "number", "minimum": Decimal("Infinity")}, "minimum"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ActionRefused) as caught:
        ask(QuestionDetails(**{**_told(TICK), **changes}))
    assert (caught.value.refusals[0].field, caught.value.status) == (field, 422)
    assert not Question.objects.exists()


def test_only_who_looks_after_the_place_asks(
    ask: Any, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    question = ask(TICK)
    for actor in (ada, ben):
        with pytest.raises(NotAllowed):
            add_question(actor=actor, resource=microscope, details=TICK, now=now)
        with pytest.raises(NotAllowed):
            change_question(actor=actor, question_id=question.public_id, details=TICK, now=now)
        with pytest.raises(NotAllowed):
            move_question(actor=actor, question_id=question.public_id, up=True, now=now)
    assert Question.objects.count() == 1


def test_what_was_answered_keeps_its_kind(
    ask: Any, ada: User, chris: User, booking: Booking, now: datetime
) -> None:
    tick = ask(TICK)
    check_in(actor=ada, booking_id=booking.public_id, now=now, answers={str(tick.public_id): True})
    with pytest.raises(ActionRefused) as caught:
        change_question(
            actor=chris,
            question_id=tick.public_id,
            details=QuestionDetails(**{**_told(TICK), "kind": QuestionKind.TEXT}),
            now=now,
        )
    assert codes(caught.value) == ["question.answered"]
