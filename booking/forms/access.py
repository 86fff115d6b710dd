"""Shapes on the path to a resource: the request, the answer to a step, what newcomers take."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.forms._choices import PersonField
from booking.enums import AccessLevel, StepKind
from booking.models import AccessRequirement, Course
from labitory.lib.forms import Styled

SPARE_ROWS = 2


class AskForm(Styled, forms.Form):
    """What somebody asks for."""

    level = forms.ChoiceField(
        label=gettext_lazy("I want to"), choices=AccessLevel, initial=AccessLevel.BOOK
    )
    justification = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Your samples, your question, your experience with the method."),
    )
    supervisor = PersonField(
        label=gettext_lazy("Who supervises your work"),
        required=False,
        help_text=gettext_lazy("User name or e-mail address. Students must name somebody."),
    )
    wanted_until = forms.DateField(
        label=gettext_lazy("Access until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Leave it empty for access without an end date."),
    )


class StepForm(Styled, forms.Form):
    """A note and a file that prove a step."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)
    evidence = forms.FileField(
        label=gettext_lazy("Evidence"),
        required=False,
        help_text=gettext_lazy("A PDF of at most 10 MB, or a picture of at most 5 MB."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png,image/webp"}),
    )


class RequirementForm(Styled, forms.Form):
    """One step; a row without a kind is none."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Step"),
        choices=[("", gettext_lazy("No step")), *StepKind.choices],
        required=False,
    )
    course = forms.ModelChoiceField(
        label=gettext_lazy("Course"),
        queryset=Course.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=gettext_lazy("No course"),
    )
    note = forms.CharField(label=gettext_lazy("What to do"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = Course.objects.filter(is_active=True)  # type: ignore[attr-defined]


RequirementForms = forms.formset_factory(RequirementForm, extra=SPARE_ROWS, max_num=20)


def rows_of(requirements: "list[AccessRequirement]") -> list[dict[str, Any]]:
    """What newcomers take now, as the rows of the form."""
    return [
        {
            "kind": each.kind,
            "course": each.course.public_id if each.course else None,
            "note": each.note,
        }
        for each in requirements
    ]
