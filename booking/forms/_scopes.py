"""Choosing among all resources of the lab by their short codes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from booking.models import Resource
from booking.queries.scopes import Listed, offered_resources


def grouped_choices(listed: Listed) -> list[tuple[str, list[tuple[str, str]]]]:
    """Short codes and names under the names of their types."""
    return [
        (name, [(each.code, each.name) for each in members]) for name, members in listed.by_type
    ]


class ResourceField(forms.Field):
    """One of the lab's resources, by short code; gives the resource, or None for none."""

    widget = forms.Select

    def __init__(self, *, empty_label: Any, **kwargs: Any) -> None:  # noqa: ANN401 - lazy text
        super().__init__(**kwargs)
        self.empty_label = empty_label
        self.known: dict[str, Resource] = {}
        self.groups: list[tuple[str, list[tuple[str, str]]]] = []

    def offer(self, *, actor: User | None, code: str = "", wanted: object) -> None:
        """List the resources on which the actor may, the wanted one certainly among them.

        Without an actor all are offered.
        """
        words = [str(wanted)] if wanted else []
        listed = offered_resources(viewer=actor, code=code, wanted=words)
        self.known = {each.code: each for each in listed.resources}
        self.groups = grouped_choices(listed)
        self.name_nothing(self.empty_label)

    def name_nothing(self, label: Any) -> None:  # noqa: ANN401 - lazy text
        """What choosing none of them is called."""
        self.widget.choices = [("", label), *self.groups]

    def to_python(self, value: Any) -> Resource | None:  # noqa: ANN401 - Django's signature
        """The resource of a code."""
        if value in self.empty_values:
            return None
        if str(value) not in self.known:
            raise ValidationError(_("There is no such instrument. Choose one from the list."))
        return self.known[str(value)]


class ResourcesField(forms.Field):
    """Several of the lab's resources, by short codes; gives the resources."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known: dict[str, Resource] = {}
        self.listed = Listed(resources=(), is_cut=False)

    def offer(self, wanted: object, *, actor: User | None = None, code: str = "") -> None:
        """List the resources on which the actor may, the wanted ones certainly among them.

        Without an actor all are offered.
        """
        words = [str(each) for each in wanted] if isinstance(wanted, list | tuple) else []
        self.listed = offered_resources(viewer=actor, code=code, wanted=words)
        self.known = {each.code: each for each in self.listed.resources}

    def to_python(self, value: Any) -> list[Resource]:  # noqa: ANN401 - Django's signature
        """The resources of the codes, each once."""
        codes = list(dict.fromkeys(str(each) for each in value or []))
        if any(code not in self.known for code in codes):
            raise ValidationError(_("There is no such instrument. Choose from the list."))
        return [self.known[code] for code in codes]
