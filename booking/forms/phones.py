"""The shape of a number for text messages, and of the code that came to it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from labitory.lib.forms import Styled


class PhoneForm(Styled, forms.Form):
    """A number, as people write it."""

    number = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("With its country: +49 151 23456789."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )


class CodeForm(Styled, forms.Form):
    """The code, with or without spaces."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Six digits; they count for ten minutes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
