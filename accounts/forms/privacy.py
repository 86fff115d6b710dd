"""Answering privacy requests, and how long data are kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import DataKind
from accounts.retention import DEFAULT_DAYS, LEAST_DAYS, MOST_DAYS
from labitory.lib.forms import Styled


class RefusalForm(Styled, forms.Form):
    """Why a request is refused."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("The person reads it."),
    )


class RetentionForm(Styled, forms.Form):
    """For how many days each kind of data is kept: one number a kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in DataKind:
            self.fields[kind.value] = forms.IntegerField(
                label=kind.label,
                min_value=LEAST_DAYS,
                max_value=MOST_DAYS,
                help_text=_("Days; as the product has it: %(days)d.")
                % {"days": DEFAULT_DAYS[kind]},
                widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
            )

    @property
    def days(self) -> dict[DataKind, int]:
        """What was written, by kind."""
        return {kind: self.cleaned_data[kind.value] for kind in DataKind}
