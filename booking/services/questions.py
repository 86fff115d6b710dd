"""Writing what is asked at the instruments."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import Moment, QuestionKind
from booking.errors import ActionRefused
from booking.locks import lock_question
from booking.models import Question, Resource, ResourceType
from booking.permissions import can_manage_resource, can_manage_type
from booking.queries.questions import questions_of
from booking.services._managers import require_manager
from labitory.lib.db import run_transaction

MOST_CHOICES = 30
LONGEST_CHOICE = 100
MOST_QUESTIONS = 50
_DECIMALS = 3
_LARGEST = Decimal("1e9")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionDetails:
    """All that a lab manager writes about a question."""

    moment: str
    kind: str
    label: str
    help_text: str = ""
    is_required: bool = True
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    is_active: bool = True


def add_question(
    *,
    actor: User,
    details: QuestionDetails,
    now: datetime,
    resource: Resource | None = None,
    kind: ResourceType | None = None,
) -> Question:
    """Ask one thing more at a resource or at all of a type, after what is asked there.

    Raises `NotAllowed` and `ActionRefused`.
    """
    sound = _sound(details)

    def work() -> Question:
        question = Question(resource=resource, resource_type=kind)
        _require_manager(actor, question)
        there = list(questions_of(resource=resource, kind=kind))
        if len(there) >= MOST_QUESTIONS:
            raise ActionRefused(
                code="question.too_many",
                text=_("At most %(most)s questions: nobody would read more.")
                % {"most": MOST_QUESTIONS},
                status=422,
            )
        _write(question, sound)
        question.position = max((each.position for each in there), default=0) + 1
        question.save()
        _record("question.added", question, actor, now)
        return question

    return run_transaction(work)


def change_question(
    *, actor: User, question_id: UUID, details: QuestionDetails, now: datetime
) -> Question:
    """Ask it in other words, or no longer; what was answered keeps the words of its time.

    How it is answered stays once somebody has. Raises `Question.DoesNotExist`, `NotAllowed` and
    `ActionRefused`.
    """
    sound = _sound(details)

    def work() -> Question:
        question = lock_question(question_id)
        _require_manager(actor, question)
        if sound.kind != question.kind and question.answers.exists():
            raise ActionRefused(
                code="question.answered",
                text=_("It was answered already: ask no longer, and add another question."),
                field="kind",
            )
        before = _told(question)
        _write(question, sound)
        question.save()
        after = _told(question)
        changes = {name: (before[name], after[name]) for name in after}
        _record("question.saved", question, actor, now, changes=changes)
        return question

    return run_transaction(work)


def move_question(*, actor: User, question_id: UUID, up: bool, now: datetime) -> Question:
    """Ask it one place earlier or later among those of its moment; at the edge it stays.

    Raises `Question.DoesNotExist` and `NotAllowed`.
    """

    def work() -> Question:
        question = lock_question(question_id)
        _require_manager(actor, question)
        around = questions_of(resource=question.resource, kind=question.resource_type)
        rows = list(around.filter(moment=question.moment).order_by("position", "pk"))
        place = [row.pk for row in rows].index(question.pk)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(rows):
            return question
        rows[place], rows[other] = rows[other], rows[place]
        for number, row in enumerate(rows, 1):
            row.position = number
        Question.objects.bulk_update(rows, ["position"])
        _record("question.moved", question, actor, now)
        return question

    return run_transaction(work)


def _require_manager(actor: User, question: Question) -> None:
    if question.resource is not None:
        allowed = can_manage_resource(actor, question.resource)
        require_manager(allowed, "resource.manage", resource=question.resource)
        return
    require_manager(
        can_manage_type(actor, question.resource_type_id),
        "resource.manage",
        type_id=question.resource_type_id,
    )


def _sound(details: QuestionDetails) -> QuestionDetails:
    """The details without what their kind does not have; raises for what cannot be asked."""
    if details.moment not in Moment.values or details.kind not in QuestionKind.values:
        raise _unsound("question.kind", _("Choose when and how it is answered."), "kind")
    label = details.label.replace("\0", "").strip()
    if not label:
        raise _unsound("question.label", _("Write what is asked."), "label")
    is_number = details.kind == QuestionKind.NUMBER
    low, high = (details.minimum, details.maximum) if is_number else (None, None)
    if low is not None and high is not None and high < low:
        text = _("The largest number must not be below the smallest.")
        raise _unsound("question.bounds", text, "maximum")
    if any(bound is not None and not _fits(bound) for bound in (low, high)):
        text = _("Write numbers below a thousand million, with at most three decimals.")
        raise _unsound("question.bounds", text, "minimum")
    return QuestionDetails(
        **{
            **asdict(details),
            "label": label,
            "help_text": details.help_text.replace("\0", "").strip(),
            "minimum": low,
            "maximum": high,
            "unit": details.unit.replace("\0", "").strip() if is_number else "",
            "choices": _choices(details),
        }
    )


def _fits(bound: Decimal) -> bool:
    if not bound.is_finite() or abs(bound) >= _LARGEST:
        return False
    return bound == bound.quantize(Decimal(1).scaleb(-_DECIMALS))


def _choices(details: QuestionDetails) -> tuple[str, ...]:
    if details.kind != QuestionKind.SELECT:
        return ()
    found = [each.replace("\0", "").strip() for each in details.choices]
    choices = tuple(dict.fromkeys(each for each in found if each))
    if not 1 < len(choices) <= MOST_CHOICES:
        text = _("Write between 2 and %(most)s different choices, one on each line.")
        raise _unsound("question.choices", text % {"most": MOST_CHOICES}, "choices")
    if any(len(each) > LONGEST_CHOICE for each in choices):
        text = _("A choice has at most %(most)s characters.")
        raise _unsound("question.choices", text % {"most": LONGEST_CHOICE}, "choices")
    return choices


def _unsound(code: str, text: str, field: str) -> ActionRefused:
    return ActionRefused(code=code, text=text, field=field, status=422)


def _write(question: Question, details: QuestionDetails) -> None:
    for name, value in asdict(details).items():
        setattr(question, name, list(value) if name == "choices" else value)


def _told(question: Question) -> dict[str, object]:
    return {name: getattr(question, name) for name in QuestionDetails.__dataclass_fields__}


def _record(
    action: str,
    question: Question,
    actor: User,
    now: datetime,
    changes: dict[str, tuple[object, object]] | None = None,
) -> None:
    place = question.resource or question.resource_type
    record(
        action=action,
        actor=actor,
        target=question,
        now=now,
        changes=changes,
        facts={"resource": str(place)},
    )
