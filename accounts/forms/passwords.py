"""Django's own account forms, dressed for our pages."""

from django.contrib.auth import forms
from django.utils.translation import gettext_lazy as _

from labitory.lib.forms import Styled


class LoginForm(Styled, forms.AuthenticationForm):
    """Name or address, and password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name or e-mail address")


class ChangeForm(Styled, forms.PasswordChangeForm):
    """The old password, and the new one twice."""


class ResetForm(Styled, forms.PasswordResetForm):
    """The address to send a link to."""


class NewPasswordForm(Styled, forms.SetPasswordForm):  # type: ignore[type-arg]
    """The new password, twice."""
