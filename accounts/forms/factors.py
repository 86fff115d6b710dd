"""The forms of second factors: their shape, never their rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from labitory.lib.forms import Styled

# More than any browser's answer, less than a flood.
LONGEST_ANSWER = 20_000


class AskForm(Styled, forms.Form):
    """What a person shows: a code or the answer of a passkey, or the password without either."""

    code = forms.CharField(
        label=_("Code of your app, or a backup code"),
        max_length=40,
        required=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    password = forms.CharField(
        label=_("Your password"),
        max_length=4096,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    passkey = forms.CharField(max_length=LONGEST_ANSWER, required=False, widget=forms.HiddenInput())
    trust = forms.BooleanField(
        label=_("Trust this browser for 30 days"),
        required=False,
        help_text=_("It is not asked for the second factor. Not on computers that others use."),
    )

    def __init__(self, *args: Any, has_factor: bool, at_login: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unused = [
            *([] if at_login else ["trust"]),
            *(["password"] if has_factor else ["code", "passkey"]),
        ]
        for name in unused:
            del self.fields[name]


class NameForm(Styled, forms.Form):
    """What the owner calls a device."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        help_text=_("So that you know it again, such as: my phone."),
    )


class AppForm(NameForm):
    """A new app: its name, and the code that it shows."""

    code = forms.CharField(
        label=_("The six digits that the app shows now"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(NameForm):
    """A new passkey: its name, and what the browser made."""

    passkey = forms.CharField(
        max_length=LONGEST_ANSWER,
        widget=forms.HiddenInput(),
        error_messages={"required": _("Your browser made no passkey. Try once more.")},
    )


class RuleForm(Styled, forms.Form):
    """Which role needs a second factor, and how many days it has until then."""

    role = forms.ChoiceField(label=_("Role"), choices=Role)
    grace_days = forms.IntegerField(label=_("Days of grace"), min_value=0, max_value=365)


class ResetForm(Styled, forms.Form):
    """Whose second factors are to be taken away, and why."""

    person = forms.CharField(
        label=_("User name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("How you know that it is really them. The owner reads it."),
    )
