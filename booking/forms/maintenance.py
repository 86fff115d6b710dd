"""The shape of planned work on a resource."""

from django import forms
from django.utils.translation import gettext_lazy

from booking.forms.calendars import BlockForm


class MaintenanceForm(BlockForm):
    """Work that takes a whole resource out of use."""

    title = forms.CharField(
        label=gettext_lazy("What is done"),
        max_length=200,
        help_text=gettext_lazy("Everybody who looks at the calendar reads it."),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For those who look after the lab."),
    )

    field_order = ("resource", "title", "start_time", "end_time", "notes")
