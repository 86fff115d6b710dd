"""The shape of an announcement."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import Unit, User
from booking.forms._moments import MomentField, MomentsForm
from booking.forms._scopes import ResourceField
from booking.queries.broadcasts import SEND, Scope, offered_locations, offered_units
from labitory.lib.forms import Styled

EVERYBODY, RESOURCE, LOCATION, UNIT = "everybody", "resource", "location", "unit"
SCOPES = [
    (EVERYBODY, gettext_lazy("Everybody with an account")),
    (RESOURCE, gettext_lazy("Whoever uses an instrument now, today or tomorrow")),
    (LOCATION, gettext_lazy("Whoever is at a place now, today or tomorrow")),
    (UNIT, gettext_lazy("People and instruments of an organisation unit")),
]


class BroadcastForm(Styled, MomentsForm):
    """What is said, to whom, and how urgent it is; only places that the actor looks after."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=150)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What happened, what to do, whom to ask."),
    )
    scope = forms.ChoiceField(label=gettext_lazy("For whom"), choices=SCOPES)
    resource = ResourceField(
        label=gettext_lazy("Instrument"), required=False, empty_label=gettext_lazy("None")
    )
    location = forms.ChoiceField(label=gettext_lazy("Place"), required=False)
    unit: "forms.ModelChoiceField[Unit]" = forms.ModelChoiceField(
        label=gettext_lazy("Organisation unit"),
        queryset=Unit.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=gettext_lazy("None"),
    )
    with_access = forms.BooleanField(
        label=gettext_lazy("Also those who may book there and have nothing booked"), required=False
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Only people of these roles"),
        choices=Role.choices,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": len(Role)}),
        help_text=gettext_lazy("None chosen: of every role."),
    )
    shown_until = MomentField(
        label=gettext_lazy("Stands at the top of pages until"),
        required=False,
        help_text=gettext_lazy("Empty: until people say that they have read it, or it is ended."),
    )
    must_acknowledge = forms.BooleanField(
        label=gettext_lazy("Ask people to say that they have read it"), required=False
    )
    is_emergency = forms.BooleanField(
        label=gettext_lazy("This is an emergency"),
        required=False,
        help_text=gettext_lazy(
            "It goes out at once by every channel, whatever people chose, day and night."
        ),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = self.data.get("resource") or self.initial.get("resource")
        resource, location, unit = (self.fields[each] for each in (RESOURCE, LOCATION, UNIT))
        if isinstance(resource, ResourceField):
            resource.offer(actor=actor, code=SEND, wanted=wanted)
        if isinstance(location, forms.ChoiceField):
            names = [(each, each) for each in offered_locations(actor)]
            location.choices = [("", _("None")), *names]
        if isinstance(unit, forms.ModelChoiceField):
            unit.queryset = offered_units(actor)

    def clean_shown_until(self) -> datetime | None:
        """Until when, as a moment."""
        return self.resolve("shown_until")

    def clean(self) -> dict[str, Any]:
        """What the scope names must be chosen."""
        found = super().clean() or self.cleaned_data
        scope = str(found.get("scope"))
        is_named = scope in (RESOURCE, LOCATION, UNIT) and scope not in self.errors
        if is_named and not found.get(scope):
            self.add_error(scope, _("Choose one."))
        return found

    def chosen_scope(self) -> Scope:
        """Whom it is for; what the scope does not name counts for nothing."""
        found, scope = self.cleaned_data, self.cleaned_data["scope"]
        return Scope(
            resource=found["resource"] if scope == RESOURCE else None,
            location=found["location"] if scope == LOCATION else "",
            unit=found["unit"] if scope == UNIT else None,
            roles=tuple(found["roles"]),
            with_access=found["with_access"],
        )
