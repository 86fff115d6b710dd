"""Taking answers to what is asked at the instrument: sound ones, or a no to each that is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from booking.enums import QuestionKind
from booking.errors import BookingError, Refusal
from booking.models import Answer, Question, UsageSession

# What came under the public id of each question.
Given = Mapping[str, object]
LONGEST = 1000
_DECIMALS = 3
_LARGEST = Decimal("1e9")
_TICKED = ("on", "true", "yes", "1")
TICKED = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question with its sound answer."""

    question: Question
    value: str
    number: Decimal | None = None


class _Unsound(Exception):
    """The answer cannot be taken; `code` and text say why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


def read_answers(questions: Sequence[Question], given: Given, *, required: bool) -> list[Answered]:
    """The answers to what is asked now; what was left out is not among them.

    Raises `BookingError` (422) with a refusal for each answer that is missing, out of range or to
    a question that is not asked.
    """
    refusals: list[Refusal] = []
    answered: list[Answered] = []
    known = {str(question.public_id): question for question in questions}
    if unknown := sorted(set(given) - set(known)):
        refusals.append(
            Refusal(
                code="answer.unknown",
                text=_("This is not asked here: look at the questions again."),
                facts={"unknown": unknown[:20]},
                field="answers",
            )
        )
    for key, question in known.items():
        try:
            if (answer := _read(question, given.get(key), required=required)) is not None:
                answered.append(answer)
        except _Unsound as problem:
            refusals.append(
                Refusal(
                    code=problem.code,
                    text=problem.text,
                    facts={"question": key, "label": question.label},
                    field=question.field_name,
                )
            )
    if refusals:
        raise BookingError(refusals)
    return answered


def write_answers(session: UsageSession, answered: Sequence[Answered], *, now: datetime) -> None:
    """Keep the answers with the session, and the words of the questions as they were."""
    Answer.objects.bulk_create(
        Answer(
            session=session,
            question=each.question,
            label=each.question.label,
            value=each.value,
            number=each.number,
            answered_at=now,
        )
        for each in answered
    )


def _read(question: Question, raw: object, *, required: bool) -> Answered | None:
    word = _word(raw)
    if question.kind == QuestionKind.CHECKBOX:
        word = TICKED if word.lower() in _TICKED else ""
    if not word:
        if required and question.is_required:
            ticked = question.kind == QuestionKind.CHECKBOX
            text = _("Tick this to go on.") if ticked else _("Answer this to go on.")
            raise _Unsound("answer.missing", text)
        return None
    match question.kind:
        case QuestionKind.NUMBER:
            number = _number(question, word)
            return Answered(question=question, value=f"{number.normalize():f}", number=number)
        case QuestionKind.SELECT if word not in question.choices:
            choices = ", ".join(question.choices)
            raise _Unsound("answer.choice", _("Choose one of: %(choices)s.") % {"choices": choices})
    if len(word) > LONGEST:
        text = _("Answer in at most %(most)s characters.") % {"most": LONGEST}
        raise _Unsound("answer.too_long", text)
    return Answered(question=question, value=word)


def _word(raw: object) -> str:
    if raw is None or raw is False:
        return ""
    # PostgreSQL keeps no zero bytes.
    return "yes" if raw is True else str(raw).replace("\0", "").strip()


def _number(question: Question, word: str) -> Decimal:
    try:
        number = Decimal(word.replace(",", "."))
    except InvalidOperation:
        raise _Unsound("answer.number", _("Write a number, such as 2.5.")) from None
    if not number.is_finite() or abs(number) >= _LARGEST or _decimals(number) > _DECIMALS:
        raise _Unsound(
            "answer.number",
            _("Write a number below a thousand million, with at most three decimals."),
        )
    low, high = question.minimum, question.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise _Unsound("answer.range", say_range(question))
    return number


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def say_range(question: Question) -> str:
    """The limits of a number in words."""
    words = {
        "low": "" if question.minimum is None else f"{question.minimum.normalize():f}",
        "high": "" if question.maximum is None else f"{question.maximum.normalize():f}",
        "unit": f" {question.unit}" if question.unit else "",
    }
    if question.maximum is None:
        return _("It must be at least %(low)s%(unit)s.") % words
    if question.minimum is None:
        return _("It must be at most %(high)s%(unit)s.") % words
    return _("It must lie between %(low)s and %(high)s%(unit)s.") % words
