"""The shapes of decisions, stand-ins, supervisors and policies of approval."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms._choices import PersonField
from accounts.models import User
from booking.forms._moments import MomentField, MomentsForm
from booking.forms._scopes import ResourceField
from booking.models import ResourceType
from booking.queries.choices import offered_types
from labitory.lib.forms import Styled
from labitory.lib.periods import Period


class InboxForm(forms.Form):
    """What a list of waiting bookings is narrowed to."""

    q = forms.CharField(max_length=100, required=False)
    type = forms.UUIDField(required=False)


class IdsField(forms.MultipleChoiceField):
    """Public ids of what was ticked; whether there is such a thing the service asks."""

    def validate(self, value: list[str]) -> None:
        """Each has to be an id."""
        for each in value:
            forms.UUIDField().clean(each)


class DecisionsForm(forms.Form):
    """Several decisions at once: which bookings, yes or no, and why."""

    booking = IdsField(required=False)
    act = forms.ChoiceField(choices=[("approve", ""), ("reject", "")])
    reason = forms.CharField(max_length=500, required=False)


class DelegationForm(Styled, MomentsForm):
    """Who decides instead, from when until when, and where."""

    delegate = PersonField(label=gettext_lazy("Who decides for you"))
    start_time = MomentField(label=gettext_lazy("From"))
    end_time = MomentField(label=gettext_lazy("Until"))
    resource_type = forms.ChoiceField(label=gettext_lazy("Only on the type"), required=False)
    resource = ResourceField(
        label=gettext_lazy("Only on the instrument"),
        empty_label=gettext_lazy("Any instrument"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        resource, kind = self.fields["resource"], self.fields["resource_type"]
        if isinstance(resource, ResourceField):
            resource.offer(actor=None, wanted=self["resource"].value())
        self.types = {str(each.public_id): each for each in offered_types()}
        if isinstance(kind, forms.ChoiceField):
            kind.choices = [
                ("", _("Any type")),
                *((key, each.name) for key, each in self.types.items()),
            ]

    def clean_resource_type(self) -> ResourceType | None:
        """The type of the id."""
        return self.types.get(self.cleaned_data["resource_type"])

    @property
    def period(self) -> Period:
        """The typed time of a valid form."""
        return Period(self.cleaned_data["start_time"], self.cleaned_data["end_time"])


class SupervisorForm(Styled, forms.Form):
    """Who supervises somebody; empty is nobody."""

    supervisor = PersonField(
        label=gettext_lazy("Supervisor"),
        required=False,
        help_text=gettext_lazy("A user name or e-mail address; empty is nobody."),
    )

    @property
    def person(self) -> User | None:
        """Who was named in a valid form."""
        found: User | None = self.cleaned_data["supervisor"]
        return found
