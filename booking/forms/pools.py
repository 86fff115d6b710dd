"""The shape of a pool: resources of which any one will do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.forms._scopes import ResourcesField
from labitory.lib.forms import Styled


class PoolForm(Styled, forms.Form):
    """A name, words about it, and its members."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    resources = ResourcesField(
        label=gettext_lazy("Members"),
        error_messages={"required": gettext_lazy("Choose at least one instrument.")},
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["resources"]
        if isinstance(field, ResourcesField):
            chosen = self["resources"].value()
            field.offer(chosen, actor=actor, code="resource.manage")

    @property
    def members(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Short code, name and whether it is chosen, under the names of the types."""
        chosen = {str(code) for code in self["resources"].value() or []}
        field = self.fields["resources"]
        groups = field.listed.by_type if isinstance(field, ResourcesField) else []
        return [
            (name, [(each.code, each.name, each.code in chosen) for each in members])
            for name, members in groups
        ]
