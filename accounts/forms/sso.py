"""The one form of single sign-on."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DirectoryForm(forms.Form):
    """Name and password in the directory, shown once to link them."""

    name = forms.CharField(
        label=_("User name there"),
        max_length=254,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "username"}),
    )
    secret = forms.CharField(
        label=_("Password there"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(
            attrs={"class": "form-control", "autocomplete": "current-password"}
        ),
    )
