"""Shapes of risk assessments and their reviews."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from booking.enums import AssessmentKind, RiskLevel
from labitory.lib.forms import Styled

_LONG = forms.Textarea(attrs={"rows": 4})


class AssessmentForm(Styled, forms.Form):
    """What can happen, and how it is prevented."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=150)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=AssessmentKind)
    level = forms.ChoiceField(label=gettext_lazy("Risk level"), choices=RiskLevel)
    hazards = forms.CharField(
        label=gettext_lazy("Hazards"),
        max_length=5000,
        widget=_LONG,
        help_text=gettext_lazy("What can happen: chemicals, beams, heat, organisms, machines."),
    )
    controls = forms.CharField(
        label=gettext_lazy("Control measures"),
        max_length=5000,
        widget=_LONG,
        help_text=gettext_lazy("How you prevent it, and what you do if it happens."),
    )
    protection = forms.CharField(
        label=gettext_lazy("Protective equipment"),
        max_length=600,
        required=False,
        help_text=gettext_lazy("Separated by commas: goggles, gloves, lab coat."),
    )
    document = forms.FileField(
        label=gettext_lazy("Document"),
        required=False,
        help_text=gettext_lazy("A PDF of at most 10 MB, or a picture of at most 5 MB."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png,image/webp"}),
    )

    def clean_protection(self) -> list[str]:
        """Each piece once, cut to what is kept."""
        pieces = (piece.strip()[:60] for piece in self.cleaned_data["protection"].split(","))
        return list(dict.fromkeys(piece for piece in pieces if piece))


class ReviewForm(Styled, forms.Form):
    """The answer of a reviewer."""

    review_on = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("The day of the next review. Empty: without an end date."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Needed to send it back: what is missing."),
    )


def values_of(assessment: Any) -> dict[str, Any]:  # noqa: ANN401 - the model, for initial values
    """What stands in an assessment, as the form shows it."""
    names = ("title", "kind", "level", "hazards", "controls")
    return {name: getattr(assessment, name) for name in names} | {
        "protection": ", ".join(assessment.protection)
    }
