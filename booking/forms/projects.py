"""Choosing what a project may be charged for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from booking.forms._scopes import ResourcesField
from labitory.lib.forms import Styled


class ProjectResourcesForm(Styled, forms.Form):
    """The instruments of a project; none chosen means all."""

    resources = ResourcesField(label=gettext_lazy("Instruments"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["resources"]
        if isinstance(field, ResourcesField):
            field.offer(self["resources"].value())

    @property
    def by_type(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Short code, name and whether it is chosen, under the names of the types."""
        chosen = {str(code) for code in self["resources"].value() or []}
        field = self.fields["resources"]
        groups = field.listed.by_type if isinstance(field, ResourcesField) else []
        return [
            (name, [(each.code, each.name, each.code in chosen) for each in members])
            for name, members in groups
        ]
