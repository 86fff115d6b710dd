"""How use is written and read by programs: answers, sessions, questions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from booking.enums import Handover, Moment, QuestionKind, SessionEnd
from booking.models import Question, UsageSession
from labitory.lib.api.fields import MomentField, StrictSerializer, write_moment

LONGEST_ANSWER = 1000


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]})
class AnswerField(serializers.Field[Any, Any, Any, Any]):
    """A text, a number, or yes and no."""

    default_error_messages = {"invalid": "Answer with a text, a number, true or false."}

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - whatever came
        """The answer as it came, if it can be one."""
        if not isinstance(data, str | int | float | bool) or len(str(data)) > LONGEST_ANSWER:
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:  # noqa: ANN401 - as it is kept
        """As it is."""
        return value


class CheckInWish(StrictSerializer):
    """What is said on beginning."""

    answers = serializers.DictField(
        child=AnswerField(), required=False, help_text="By id of the question."
    )


class CheckOutWish(CheckInWish):
    """What is said on finishing."""

    handover = serializers.ChoiceField(choices=Handover.choices, required=False, allow_blank=True)
    handover_note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class StartWish(CheckInWish):
    """Walking up to a resource: it is booked from this minute on."""

    end_time = MomentField()
    project = serializers.UUIDField(required=False, allow_null=True)
    purpose = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ExtendWish(StrictSerializer):
    """Until when somebody wants to stay."""

    end_time = MomentField()


class QuestionWish(StrictSerializer):
    """A question to be asked; which fields count depends on its kind."""

    moment = serializers.ChoiceField(choices=Moment.choices)
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]
    help_text = serializers.CharField(max_length=300, required=False, allow_blank=True)  # type: ignore[assignment]
    is_required = serializers.BooleanField(required=False)
    minimum = serializers.DecimalField(
        max_digits=12, decimal_places=3, required=False, allow_null=True
    )
    maximum = serializers.DecimalField(
        max_digits=12, decimal_places=3, required=False, allow_null=True
    )
    unit = serializers.CharField(max_length=20, required=False, allow_blank=True)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=30
    )
    is_active = serializers.BooleanField(required=False)


class QuestionShape(serializers.Serializer[Any]):
    """One question."""

    id = serializers.UUIDField()
    moment = serializers.ChoiceField(choices=Moment.choices)
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    help_text = serializers.CharField()  # type: ignore[assignment]
    is_required = serializers.BooleanField()
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    unit = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    of_type = serializers.BooleanField(help_text="Asked at every resource of the type.")


class AnswerShape(serializers.Serializer[Any]):
    """One answer with the words of its question as they were."""

    question = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    number = serializers.FloatField(allow_null=True)


class SessionShape(serializers.Serializer[Any]):
    """Use as it was, beside the plan."""

    id = serializers.UUIDField()
    booking = serializers.UUIDField()
    resource = serializers.UUIDField()
    resource_name = serializers.CharField()
    user = serializers.UUIDField()
    user_name = serializers.CharField()
    started_at = MomentField()
    ended_at = MomentField(allow_null=True)
    ended_how = serializers.ChoiceField(choices=SessionEnd.choices, allow_blank=True)
    planned_end = MomentField()
    handover = serializers.ChoiceField(choices=Handover.choices, allow_blank=True)
    handover_note = serializers.CharField()
    answers = AnswerShape(many=True)


def question_out(question: Question) -> dict[str, Any]:
    """A question for programs."""
    same = ("moment", "kind", "label", "help_text", "is_required", "unit", "choices", "is_active")
    bounds = {"minimum": question.minimum, "maximum": question.maximum}
    return {
        "id": str(question.public_id),
        **{name: getattr(question, name) for name in same},
        **{name: None if bound is None else float(bound) for name, bound in bounds.items()},
        "of_type": question.resource_type_id is not None,
    }


def session_out(session: UsageSession) -> dict[str, Any]:
    """A session for programs, with its answers."""
    ended = session.ended_at
    return {
        "id": str(session.public_id),
        "booking": str(session.booking.public_id),
        "resource": str(session.resource.public_id),
        "resource_name": session.resource.name,
        "user": str(session.user.public_id),
        "user_name": session.user.full_name,
        "started_at": write_moment(session.started_at),
        "ended_at": None if ended is None else write_moment(ended),
        "ended_how": session.ended_how,
        "planned_end": write_moment(session.planned_end),
        "handover": session.handover,
        "handover_note": session.handover_note,
        "answers": [
            {
                "question": str(answer.question.public_id),
                "label": answer.label,
                "value": answer.value,
                "number": None if answer.number is None else float(answer.number),
            }
            for answer in session.answers.all()
        ],
    }
