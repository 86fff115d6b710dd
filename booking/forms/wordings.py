"""The shape of words that administrators write; what they may say is asked of the service."""

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.notifications.wordings import LONGEST
from labitory.lib.forms import Styled

LATEST_VERSION = 2**31 - 2


class WordingForm(Styled, forms.Form):
    """Subject and text, and the version they began from."""

    seen = forms.IntegerField(
        min_value=0, max_value=LATEST_VERSION, widget=forms.HiddenInput, required=False
    )
    subject = forms.CharField(
        label=_("Subject"),
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"maxlength": LONGEST["subject"]}),
    )
    text = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "maxlength": LONGEST["text"]}),
    )

    def clean_seen(self) -> int:
        """Without it nothing was seen."""
        return int(self.cleaned_data["seen"] or 0)


class VersionForm(forms.Form):
    """Which version is to come back, and the version that was in force when it was asked for."""

    seen = forms.IntegerField(min_value=0, max_value=LATEST_VERSION)
    version = forms.IntegerField(min_value=1, max_value=LATEST_VERSION, required=False)
