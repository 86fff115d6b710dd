"""The shape of a type of resources."""

from django import forms
from django.utils.translation import gettext_lazy

from labitory.lib.forms import Styled


class TypeForm(Styled, forms.Form):
    """A name and what is meant by it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
