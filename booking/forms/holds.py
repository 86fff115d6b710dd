"""The shape of a wish to keep some time for a few minutes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from booking.forms._moments import MomentField, MomentsForm
from booking.models import Resource
from booking.queries.choices import meant_resources
from labitory.lib.periods import Period


class HoldForm(MomentsForm):
    """Which resource, from when until when."""

    resource = forms.CharField(max_length=60)
    start_time = MomentField()
    end_time = MomentField()

    def clean_resource(self) -> Resource:
        """A resource by its short code or public id."""
        word = self.cleaned_data["resource"]
        found = meant_resources([word])
        if not found:
            raise ValidationError(_("There is no such instrument. Choose one from the list."))
        return found[word]

    def clean(self) -> dict[str, Any]:
        """Start before end."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("start_time"), cleaned.get("end_time")
        if start and end and end <= start:
            self.add_error("end_time", _("The end must come after the start."))
        return cleaned

    @property
    def period(self) -> Period:
        """The typed time of a valid form."""
        return Period(self.cleaned_data["start_time"], self.cleaned_data["end_time"])
