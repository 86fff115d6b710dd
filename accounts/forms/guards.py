"""Letting somebody in again."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from labitory.lib.forms import Styled


class UnlockForm(Styled, forms.Form):
    """Who is to be let in, and why."""

    name = forms.CharField(
        label=gettext_lazy("User name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("How you know that it is them. Kept in the audit log."),
    )
    user: User

    def clean_name(self) -> Any:  # noqa: ANN401 - Django's signature
        """There must be such a person."""
        name = self.cleaned_data["name"]
        try:
            self.user = User.objects.get_by_natural_key(name)
        except User.DoesNotExist:
            raise forms.ValidationError(_("There is nobody of this name.")) from None
        return name
