"""Answering privacy requests."""

from django import forms
from django.utils.translation import gettext_lazy

from labitory.lib.forms import Styled


class RefusalForm(Styled, forms.Form):
    """Why a request is refused."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("The person reads it."),
    )
