"""Shapes of faults: reporting one, and saying how far it has come."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.enums import DAYS_TO_MEND, FaultState, Severity
from booking.forms._moments import MomentField, MomentsForm
from booking.models import Fault
from labitory.lib.forms import Styled


def _say_severity(severity: Severity) -> str:
    return _("%(severity)s: to be mended within %(n)s days") % {
        "severity": severity.label,
        "n": DAYS_TO_MEND[severity],
    }


class ReportForm(Styled, forms.Form):
    """What is wrong."""

    title = forms.CharField(
        label=gettext_lazy("What is wrong?"),
        max_length=150,
        help_text=gettext_lazy("In a few words: everybody who wants to book reads it."),
    )
    severity = forms.ChoiceField(label=gettext_lazy("How bad is it?"), initial=Severity.MEDIUM)
    blocks_use = forms.BooleanField(
        label=gettext_lazy("It cannot be used"),
        required=False,
        help_text=gettext_lazy("Nobody can book it for the next day, or start, until it is back."),
    )
    description = forms.CharField(
        label=gettext_lazy("What happened?"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    photo = forms.FileField(
        label=gettext_lazy("Photo"),
        required=False,
        help_text=gettext_lazy("A picture of at most 5 MB; everybody here can see it."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["severity"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(each.value, _say_severity(each)) for each in Severity]


class ChangeForm(Styled, MomentsForm):
    """How far it has come, how bad it is, until when it lasts and who mends it."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=FaultState)
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), choices=Severity)
    blocks_use = forms.BooleanField(label=gettext_lazy("It cannot be used"), required=False)
    back_at = MomentField(
        label=gettext_lazy("Expected back"),
        required=False,
        help_text=gettext_lazy("Empty: nobody knows yet. Bookings before that time are refused."),
    )
    assignee = forms.ChoiceField(label=gettext_lazy("Who mends it"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("To resolve it: what was done."),
    )

    def __init__(self, *args: Any, people: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        if isinstance(field, forms.ChoiceField):
            named = [(str(person.public_id), person.full_name) for person in people]
            field.choices = [("", _("Nobody yet")), *named]

    def clean_back_at(self) -> Any:  # noqa: ANN401 - Django's signature
        """The moment; where the clocks show it twice, the one that was chosen."""
        return self.resolve("back_at")


def values_of(fault: Fault) -> dict[str, Any]:
    """What stands about a fault, as the form shows it."""
    return {
        "state": fault.state,
        "severity": fault.severity,
        "blocks_use": fault.blocks_use,
        "back_at": fault.back_at,
        "assignee": str(fault.assignee.public_id) if fault.assignee else "",
    }
