"""The shape of what is asked at an instrument."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from booking.enums import Moment, QuestionKind
from booking.models import Question
from labitory.lib.forms import Styled


class QuestionForm(Styled, forms.Form):
    """One question; which of the fields count depends on how it is answered."""

    moment = forms.ChoiceField(label=gettext_lazy("Asked"), choices=Moment.choices)
    kind = forms.ChoiceField(label=gettext_lazy("Answered by"), choices=QuestionKind.choices)
    label = forms.CharField(label=gettext_lazy("Question"), max_length=200)
    help_text = forms.CharField(label=gettext_lazy("Help"), max_length=300, required=False)
    is_required = forms.BooleanField(
        label=gettext_lazy("It must be answered"), required=False, initial=True
    )
    minimum = forms.DecimalField(
        label=gettext_lazy("Smallest number"), required=False, max_digits=12, decimal_places=3
    )
    maximum = forms.DecimalField(
        label=gettext_lazy("Largest number"), required=False, max_digits=12, decimal_places=3
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20, required=False)
    choices = forms.CharField(
        label=gettext_lazy("Choices, one on each line"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    is_active = forms.BooleanField(label=gettext_lazy("Ask it now"), required=False, initial=True)

    @property
    def details(self) -> dict[str, Any]:
        """What a valid form says, for the service."""
        return {**self.cleaned_data, "choices": tuple(self.cleaned_data["choices"].splitlines())}


def initial_of(question: Question) -> dict[str, Any]:
    """A question as the form shows it."""
    known = {name: getattr(question, name) for name in QuestionForm.base_fields}
    for name in ("minimum", "maximum"):
        if known[name] is not None:
            known[name] = f"{known[name].normalize():f}"
    return {**known, "choices": "\n".join(question.choices)}
