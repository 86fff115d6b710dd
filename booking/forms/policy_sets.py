"""A text of policies, as a file or written."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labitory.lib.forms import Styled

LARGEST = 200_000


class PolicyTextForm(Styled, forms.Form):
    """One text: a file that is sent, or what stands in the field."""

    file = forms.FileField(label=gettext_lazy("A file"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or the text itself"),
        required=False,
        max_length=LARGEST,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 12, "spellcheck": "false", "class": "form-control font-monospace"}
        ),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """The text, from wherever it came."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file is not None:
            if file.size > LARGEST:
                self.add_error("file", _("The text is too large: at most 200 kB."))
                return cleaned
            try:
                cleaned["text"] = file.read().decode()
            except UnicodeDecodeError:
                self.add_error("file", _("This is no text in UTF-8."))
        elif not cleaned.get("text") and not self.errors:
            self.add_error("text", _("Choose a file, or write the text."))
        return cleaned
