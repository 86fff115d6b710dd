"""What shall be tried on past bookings: one limit changed, or a whole text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from booking.forms.policies import PolicyForm
from booking.forms.policy_sets import LARGEST
from booking.rules.replay import MOST_MONTHS


class TrialForm(PolicyForm):
    """A name, how far back, and what would hold."""

    title = forms.CharField(label=gettext_lazy("Name of the trial"), max_length=120)
    months = forms.IntegerField(
        label=gettext_lazy("Months back"), min_value=1, max_value=MOST_MONTHS, initial=3
    )
    text = forms.CharField(
        label=gettext_lazy("Or a whole text of policies, in place of all limits"),
        required=False,
        max_length=LARGEST,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "class": "form-control font-monospace"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(("title", "months", *PolicyForm.field_order, "text"))

    def clean(self) -> dict[str, Any]:
        """With a text the limit above it is not looked at."""
        if self.cleaned_data.get("text"):
            for name in ("limit", "amount", "unit"):
                self.errors.pop(name, None)
            return self.cleaned_data
        cleaned: dict[str, Any] = super().clean()
        return cleaned
