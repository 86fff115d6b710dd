"""The shapes of looking for people, letting them go, and merging accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.forms._choices import GroupField, PersonField, UnitField, offer_choices
from accounts.queries.people import PeopleFilters
from labitory.lib.forms import Styled

_ACTIVE = {"": True, "closed": False, "all": None}


class PeopleForm(Styled, forms.Form):
    """Whom to list. What cannot be read is left out."""

    q = forms.CharField(label=gettext_lazy("Name or address"), max_length=100, required=False)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("", gettext_lazy("All")), *Role.choices],
        required=False,
    )
    unit = UnitField(label=gettext_lazy("Unit"), required=False)
    group = GroupField(label=gettext_lazy("Research group"), required=False)
    account = forms.ChoiceField(
        label=gettext_lazy("Accounts"),
        choices=[
            ("", gettext_lazy("Open")),
            ("closed", gettext_lazy("Closed")),
            ("all", gettext_lazy("All")),
        ],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self)

    @property
    def filters(self) -> PeopleFilters:
        """What was asked for, as far as it could be read."""
        self.is_valid()
        found = self.cleaned_data
        return PeopleFilters(
            word=found.get("q", ""),
            role=found.get("role", ""),
            unit=found.get("unit"),
            group=found.get("group"),
            active=_ACTIVE[found.get("account", "")],
        )


class LeaverForm(Styled, forms.Form):
    """Who takes over, and what becomes of the rest."""

    receiver = PersonField(
        label=gettext_lazy("Who takes over the bookings to come"),
        required=False,
        help_text=gettext_lazy("A user name or e-mail address; empty hands on nothing."),
    )
    cancel_rest = forms.BooleanField(
        label=gettext_lazy("Cancel what cannot be handed on"), required=False
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)


class MergeForm(Styled, forms.Form):
    """Which account ends in this one."""

    other = forms.CharField(
        label=gettext_lazy("The account that ends"),
        max_length=254,
        help_text=gettext_lazy("Its user name or e-mail address."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)
