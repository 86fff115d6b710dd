"""The shapes of granting and composing roles, and of looking as another person."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import ScopeKind
from accounts.forms._choices import PersonField
from accounts.models import RoleDefinition, User
from accounts.permissions import Permission, may, permissions
from accounts.queries.roles import grantable_places, offered_roles
from labitory.lib.forms import Styled
from labitory.lib.http import lab_zone
from labitory.lib.periods import local_midnight

EVERYWHERE = "everywhere"
LATEST_YEAR = 2100


class GrantForm(Styled, forms.Form):
    """Who gets which role, where and up to which day."""

    user = PersonField(
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("A user name or e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    place = forms.ChoiceField(label=gettext_lazy("Where"))
    expires_at = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: until it is taken away."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Kept in the audit log."),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role, place = self.fields["role"], self.fields["place"]
        if isinstance(role, forms.ChoiceField):
            offered = [(str(each.public_id), each.name) for each in offered_roles(actor)]
            role.choices = [("", gettext_lazy("Choose…")), *offered]
        if isinstance(place, forms.ChoiceField):
            place.choices = _places(actor)

    def clean_role(self) -> UUID:
        """The role's id."""
        return UUID(self.cleaned_data["role"])

    def clean_expires_at(self) -> datetime | None:
        """The end of the last day, where the lab is."""
        day: date | None = self.cleaned_data["expires_at"]
        if day is None:
            return None
        if day.year >= LATEST_YEAR:
            raise ValidationError(_("This year cannot be meant."))
        return local_midnight(day + timedelta(days=1), lab_zone())

    @property
    def scope(self) -> tuple[ScopeKind, int | None]:
        """The place of a valid form: its kind and key."""
        kind, _colon, key = self.cleaned_data["place"].partition(":")
        return ScopeKind(kind), int(key) if key else None


class RoleForm(Styled, forms.Form):
    """A name, what it is for, and the permissions it brings."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=300, required=False)
    permissions = forms.MultipleChoiceField(
        label=gettext_lazy("Who holds it may"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [each for each in permissions().values() if may(actor, each.code)]
        field = self.fields["permissions"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(each.code, str(each.words)) for each in self.offered]

    @property
    def groups(self) -> list[tuple[str, list[tuple[Permission, bool]]]]:
        """The permissions by what they are about, each with whether it is chosen."""
        chosen = set(self["permissions"].value() or ())
        found: dict[str, list[tuple[Permission, bool]]] = defaultdict(list)
        for each in self.offered:
            found[each.code.partition(".")[0]].append((each, each.code in chosen))
        return sorted(found.items())


class ViewAsForm(Styled, forms.Form):
    """As whom to look, and why."""

    user = PersonField(
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("A user name or e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Kept in the audit log."),
    )


def role_values(role: RoleDefinition) -> dict[str, Any]:
    """A role as its form shows it."""
    return {
        "name": role.name,
        "description": role.description,
        "permissions": list(role.permissions),
    }


def _places(actor: User) -> list[Any]:
    """Everywhere, where that is theirs to give, and each place under the name of its kind."""
    everywhere = [(EVERYWHERE, ScopeKind.EVERYWHERE.label)] if may(actor, "role.grant") else []
    return [
        *everywhere,
        *(
            (kind.label, [(f"{kind.value}:{key}", name) for key, name in offered])
            for kind, offered in grantable_places(actor)
            if offered
        ),
    ]
