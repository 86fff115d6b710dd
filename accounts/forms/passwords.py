"""Django's own account forms, dressed for our pages."""

from typing import Any

from django.contrib.auth import forms
from django.core.exceptions import ValidationError
from django.forms import CharField, Form, PasswordInput, TextInput
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
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


class WithFeedback:
    """Mix into a form: what the site says of the new password appears while it is typed.

    Without JavaScript the same is said when the form is sent.
    """

    typed_field = "new_password1"
    # What goes along: never an old password.
    sent_along = "csrfmiddlewaretoken"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = getattr(self, "fields", {})
        fields[self.typed_field].shows_feedback = True
        fields[self.typed_field].widget.attrs |= {
            "hx-post": reverse_lazy("accounts:password_check"),
            "hx-trigger": "input changed delay:400ms",
            "hx-target": "#password-feedback",
            "hx-params": f"{self.typed_field},{self.sent_along}",
            "hx-sync": "this:replace",
            "aria-describedby": "password-feedback",
        }


class ChangeForm(WithFeedback, Styled, forms.PasswordChangeForm):
    """The old password, and the new one twice."""


class ResetForm(Styled, forms.PasswordResetForm):
    """The address to send a link to."""


class NewPasswordForm(WithFeedback, Styled, forms.SetPasswordForm):  # type: ignore[type-arg]
    """The new password, twice."""


class TypedPasswordForm(Form):
    """A password as far as it is typed, under any of the names that forms have for it."""

    new_password1 = CharField(required=False, max_length=4096, strip=False)
    password = CharField(required=False, max_length=4096, strip=False)
    username = CharField(required=False, max_length=150)
    email = CharField(required=False, max_length=254)
    first_name = CharField(required=False, max_length=100)
    last_name = CharField(required=False, max_length=100)

    def clean(self) -> dict[str, Any]:
        """There must be something to say something of."""
        given: dict[str, Any] = super().clean() or {}
        given["typed"] = given.get("new_password1") or given.get("password")
        if not given["typed"]:
            raise ValidationError("empty")
        return given

    def newcomer(self) -> User:
        """Who is about to register, as far as is known."""
        names = ("username", "email", "first_name", "last_name")
        return User(**{name: self.cleaned_data[name] for name in names})
