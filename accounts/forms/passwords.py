"""Django's own account forms, dressed for our pages."""

from typing import Any

from django.contrib.auth import forms
from django.forms import CharField, Form, PasswordInput, TextInput
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from labitory.lib.forms import Styled


class LoginForm(Styled, Form):
    """Name or address, and password. Whether they fit is asked elsewhere, within limits."""

    username = forms.UsernameField(
        label=_("User name or e-mail address"),
        max_length=254,
        widget=TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = CharField(
        label=_("Password"),
        max_length=4096,
        strip=False,
        widget=PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest | None = None, **kwargs: Any) -> None:
        """The view hands its request to every form of this kind."""
        super().__init__(**kwargs)


class ChangeForm(Styled, forms.PasswordChangeForm):
    """The old password, and the new one twice."""


class ResetForm(Styled, forms.PasswordResetForm):
    """The address to send a link to."""


class NewPasswordForm(Styled, forms.SetPasswordForm):  # type: ignore[type-arg]
    """The new password, twice."""
