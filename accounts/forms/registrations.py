"""The shapes of registering, inviting, and accepting an invitation."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.forms._choices import GroupField, offer_choices
from accounts.forms.passwords import WithFeedback
from accounts.models import User
from accounts.permissions.people import can_invite
from accounts.queries.groups import led_groups, managed_groups
from labitory.lib.forms import Styled


def password_advice() -> str:
    """What a password must be, as one text."""
    return " ".join(password_validators_help_texts())


class NewcomerForm(WithFeedback, Styled, forms.Form):
    """Names and a first password."""

    typed_field = "password"
    sent_along = "csrfmiddlewaretoken,username,email,first_name,last_name"

    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        help_text=gettext_lazy("Letters, digits and . + - _ without blanks."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=128,
        strip=False,
        help_text=lazy(password_advice, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class RegistrationForm(NewcomerForm):
    """Who asks for an account."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    group = GroupField(
        label=gettext_lazy("Research group"),
        required=False,
        help_text=gettext_lazy("The group you work in, if it is in the list."),
    )
    message = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What you want to do here, for those who decide."),
    )
    field_order = ["first_name", "last_name", "email", "username", "password", "group", "message"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self)


class InvitationForm(Styled, forms.Form):
    """Whom to invite, to what."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    group = GroupField(label=gettext_lazy("Research group"), required=False)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = (led_groups(actor) | managed_groups(actor)).filter(is_active=True)
        found = list(groups.distinct().order_by("name"))
        first = found[0] if found else None
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label)
            for role in Role
            if can_invite(actor, role, None) or (first and can_invite(actor, role, first))
        ]
        must = not can_invite(actor, Role.STUDENT, None)
        choices = [(str(each.public_id), each.name) for each in found]
        self.fields["group"].choices = choices if must else [("", "–"), *choices]  # type: ignore[attr-defined]
        self.fields["group"].required = must

    @property
    def may_invite(self) -> bool:
        """Whether there is anything this person could invite to."""
        return bool(self.fields["role"].choices)  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        """The role itself."""
        return Role(self.cleaned_data["role"])
