"""The shapes of units, price classes, and of a person's place in the organisation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.enums import UnitKind
from accounts.forms._choices import UnitField, id_of, offer_choices
from accounts.models import Unit, User
from labitory.lib.forms import Styled


class UnitForm(Styled, forms.Form):
    """What is said of a unit."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=UnitKind.choices)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Short, unique: letters, digits, - and _."),
    )
    parent = UnitField(
        label=gettext_lazy("Within"),
        required=False,
        help_text=gettext_lazy("A college lies in a faculty, a department in a college."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self)

    def clean_kind(self) -> UnitKind:
        """The kind itself."""
        return UnitKind(self.cleaned_data["kind"])


class PriceClassForm(Styled, forms.Form):
    """What is said of a price class."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    known_as = forms.SlugField(required=False, widget=forms.HiddenInput)


class PlaceForm(Styled, forms.Form):
    """Where in the organisation a person belongs."""

    unit = UnitField(label=gettext_lazy("Organisation unit"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self)

    @classmethod
    def of(cls, user: User) -> "PlaceForm":
        """The form as things stand."""
        return cls(initial={"unit": id_of(user.profile.unit)})


def unit_values(unit: Unit) -> dict[str, str]:
    """A unit as its form shows it."""
    return {
        "kind": unit.kind,
        "name": unit.name,
        "code": unit.code,
        "parent": id_of(unit.parent),
    }
