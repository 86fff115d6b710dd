"""Fields that choose people, units, groups and price classes."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import PriceClass, ResearchGroup, Unit, User
from accounts.queries.groups import open_groups
from accounts.queries.people import meant_person
from accounts.queries.units import find_unit, price_classes, units_in_order

Choices = list[tuple[str, str]]


def as_uuid(word: str) -> UUID | None:
    """The id that a word writes, if it writes one."""
    try:
        return UUID(word)
    except ValueError:
        return None


class PersonField(forms.CharField):
    """Somebody with an open account, by user name or e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        plain = {
            "max_length": 254,
            "help_text": gettext_lazy("A user name or e-mail address."),
            "widget": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        super().__init__(**{**plain, **kwargs})

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        """The person, or None where nobody need be named."""
        word = super().clean(value)
        if not word:
            return None
        found = meant_person(word)
        if found is None:
            raise ValidationError(_("Nobody is known as %(name)s.") % {"name": word})
        return found


class UnitField(forms.ChoiceField):
    """A unit of the organisation, in the order of the tree."""

    def offer(self) -> None:
        """Read the units to choose from; each form does so once."""
        self.choices = [("", "–"), *unit_choices()]

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        """The unit, or None."""
        word = super().clean(value)
        return find_unit(UUID(word)) if word else None


class GroupField(forms.ChoiceField):
    """One of the active groups."""

    def offer(self) -> None:
        """Read the groups to choose from; each form does so once."""
        found = [(str(each.public_id), each.name) for each in open_groups()]
        self.choices = [("", "–"), *found]

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        """The group, or None."""
        word = super().clean(value)
        if not word:
            return None
        return ResearchGroup.objects.select_related("lead").get(public_id=UUID(word))


class PriceClassField(forms.ChoiceField):
    """One of the price classes."""

    def offer(self) -> None:
        """Read the price classes to choose from; each form does so once."""
        self.choices = [("", "–"), *((each.code, each.name) for each in price_classes())]

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        """The price class, or None."""
        word = super().clean(value)
        return PriceClass.objects.get(code=word) if word else None


def unit_choices() -> Choices:
    """Units by id, indented by their level."""
    return [(str(unit.public_id), f"{'– ' * depth}{unit.name}") for depth, unit in units_in_order()]


def offer_choices(form: forms.BaseForm) -> None:
    """Let every choosing field of a form read what it offers."""
    for field in form.fields.values():
        if isinstance(field, UnitField | GroupField | PriceClassField):
            field.offer()


def id_of(row: Unit | ResearchGroup | None) -> str:
    """The form's value for a row."""
    return str(row.public_id) if row else ""


def name_of(user: User | None) -> str:
    """The form's value for a person."""
    return user.username if user else ""
