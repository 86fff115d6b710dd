"""What is asked at the instrument, and how it is left."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from booking.enums import Handover, QuestionKind
from booking.forms._moments import MomentField
from booking.models import Question
from booking.models.check_ins import QUESTION_PREFIX
from labitory.lib.forms import Styled, class_of


class AnswersForm(Styled, forms.Form):
    """A field for each question. What is sound is for the service to say: it is one for all."""

    def __init__(self, *args: Any, questions: Sequence[Question] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        asked = {question.field_name: _field(question) for question in questions}
        for field in asked.values():
            field.widget.attrs.setdefault("class", class_of(field.widget))
        self.fields = {**asked, **self.fields}

    @property
    def answers(self) -> dict[str, object]:
        """What was answered, by the public id of the question; also what was not asked."""
        return {
            name.removeprefix(QUESTION_PREFIX): self.cleaned_data.get(name, self.data.get(name))
            for name in {*self.fields, *self.data}
            if name.startswith(QUESTION_PREFIX)
        }

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields of the questions."""
        return [self[question.field_name] for question in self.questions]


class StartForm(AnswersForm):
    """Until when, and what is asked before the work."""

    end_time = MomentField(label=gettext_lazy("Until"))


class FinishForm(AnswersForm):
    """What is asked after the work, and how the instrument is left."""

    handover = forms.CharField(
        label=gettext_lazy("How do you leave it?"),
        required=False,
        widget=forms.RadioSelect(choices=Handover.choices),
    )
    handover_note = forms.CharField(
        label=gettext_lazy("A note for the next one"), required=False, max_length=300
    )


class ExtendForm(Styled, forms.Form):
    """Until when."""

    end_time = MomentField(label=gettext_lazy("Or until another time"))


def _field(question: Question) -> forms.Field:
    """A field that takes anything, and a widget that helps to answer well."""
    attributes: dict[str, Any] = {"required": True} if question.is_required else {}
    common: dict[str, Any] = {
        "label": f"{question.label} ({question.unit})" if question.unit else question.label,
        "help_text": question.help_text,
        "required": False,
    }
    match question.kind:
        case QuestionKind.CHECKBOX:
            return forms.BooleanField(**common, widget=forms.CheckboxInput(attributes))
        case QuestionKind.SELECT:
            choices = [("", "–"), *((each, each) for each in question.choices)]
            return forms.CharField(**common, widget=forms.Select(attributes, choices))
        case QuestionKind.NUMBER:
            bounds = {"min": question.minimum, "max": question.maximum}
            attributes |= {
                name: f"{bound.normalize():f}"
                for name, bound in bounds.items()
                if bound is not None
            }
            attributes |= {"step": "any", "inputmode": "decimal"}
            return forms.CharField(**common, widget=forms.NumberInput(attributes))
    return forms.CharField(
        **common, widget=forms.Textarea({**attributes, "rows": 2, "maxlength": 1000})
    )
