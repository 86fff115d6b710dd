"""The shape of a policy of approval, and of its steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.forms._choices import PersonField
from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Needed
from booking.forms._scopes import ResourceField
from booking.models import ApprovalPolicy, ResourceType
from booking.permissions import can_set_limit
from booking.queries.scopes import offered_types
from labitory.lib.forms import Styled

MOST_TIERS = 5
LONGEST_MINUTES = 525_600


def _minutes() -> forms.IntegerField:
    return forms.IntegerField(
        label=gettext_lazy("Booking longer than (minutes)"),
        min_value=1,
        max_value=LONGEST_MINUTES,
        required=False,
    )


def _outside() -> forms.BooleanField:
    return forms.BooleanField(
        label=gettext_lazy("Between 18:00 and 8:00 or at weekends"), required=False
    )


class ApprovalPolicyForm(Styled, forms.Form):
    """For whom and where, and the kind of approval with its conditions."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    role = forms.ChoiceField(
        label=gettext_lazy("For bookings of"),
        choices=[("", gettext_lazy("Everybody")), *Role.choices],
        required=False,
    )
    resource_type = forms.ChoiceField(label=gettext_lazy("On the type"), required=False)
    resource = ResourceField(
        label=gettext_lazy("On the instrument"),
        empty_label=gettext_lazy("Any instrument"),
        required=False,
    )
    mode = forms.ChoiceField(label=gettext_lazy("Approval"), choices=ApprovalMode)
    over_minutes = _minutes()
    outside_hours = _outside()
    first_booking = forms.BooleanField(
        label=gettext_lazy("The person's first booking there"), required=False
    )
    answer_hours = forms.IntegerField(
        label=gettext_lazy("Hours to answer"),
        min_value=1,
        max_value=2160,
        initial=72,
        help_text=gettext_lazy(
            "After that lab managers are asked, for as long again; then the booking is refused. "
            "Never beyond its start."
        ),
    )
    holds_slot = forms.BooleanField(
        label=gettext_lazy("It holds its time until it is approved"),
        initial=True,
        required=False,
        help_text=gettext_lazy("Otherwise somebody else may take it until then."),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        resource, kind = self.fields["resource"], self.fields["resource_type"]
        code = "policy.manage"
        if isinstance(resource, ResourceField):
            resource.offer(actor=actor, code=code, wanted=self["resource"].value())
        offered = offered_types(viewer=actor, code=code)
        self.types = {str(each.public_id): each for each in offered}
        if isinstance(kind, forms.ChoiceField):
            kind.choices = [
                ("", _("Any type")),
                *((key, each.name) for key, each in self.types.items()),
            ]

    def clean(self) -> dict[str, Any]:
        """A policy everywhere is for who sets limits everywhere."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        nowhere = not cleaned.get("resource") and not cleaned.get("resource_type")
        if nowhere and not self.errors and not can_set_limit(self.actor, None, None):
            self.add_error("resource", _("Choose an instrument or a type that you look after."))
        return cleaned

    def clean_resource_type(self) -> ResourceType | None:
        """The type of the id."""
        return self.types.get(self.cleaned_data["resource_type"])


class TierForm(Styled, forms.Form):
    """One step; without an approver it is none."""

    approver = forms.ChoiceField(
        label=gettext_lazy("Who is asked"),
        choices=[("", gettext_lazy("No such step")), *ApproverKind.choices],
        required=False,
    )
    role = forms.ChoiceField(
        label=gettext_lazy("The role, if everybody of one"),
        choices=[("", "\N{EN DASH}"), *Role.choices],
        required=False,
    )
    person = PersonField(
        label=gettext_lazy("The person, if a named one"),
        required=False,
        help_text=gettext_lazy("A user name or e-mail address."),
    )
    needed = forms.ChoiceField(
        label=gettext_lazy("Who must agree"), choices=Needed, initial=Needed.ANY, required=False
    )
    over_minutes = _minutes()
    over_cost = forms.DecimalField(
        label=gettext_lazy("Cost above"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("By their price; what has none is never dearer."),
    )
    outside_hours = _outside()
    for_roles = forms.MultipleChoiceField(
        label=gettext_lazy("Only for bookings of"),
        choices=Role,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        """Everybody of a role needs the role, a named person the name."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asked = cleaned.get("approver")
        if asked == ApproverKind.ROLE and not cleaned.get("role"):
            self.add_error("role", _("Choose the role that is asked."))
        if asked == ApproverKind.PERSON and not cleaned.get("person") and not self.errors:
            self.add_error("person", _("Name the person."))
        return cleaned


TierForms = forms.formset_factory(TierForm, extra=0, max_num=MOST_TIERS, validate_max=True)


def initial_of(policy: ApprovalPolicy) -> dict[str, Any]:
    """A policy as its form shows it."""
    return {
        "name": policy.name,
        "role": policy.role,
        "resource": policy.resource.code if policy.resource else "",
        "resource_type": str(policy.resource_type.public_id) if policy.resource_type else "",
        "mode": policy.mode,
        "over_minutes": policy.over_minutes,
        "outside_hours": policy.outside_hours,
        "first_booking": policy.first_booking,
        "answer_hours": policy.answer_hours,
        "holds_slot": policy.holds_slot,
    }


def initial_tiers(policy: ApprovalPolicy | None) -> list[dict[str, Any]]:
    """The steps of a policy as their forms show them, and empty ones."""
    tiers = sorted(policy.tiers.all(), key=lambda tier: tier.position) if policy else []
    shown: list[dict[str, Any]] = [
        {
            "approver": tier.approver,
            "role": tier.role,
            "person": tier.person.username if tier.person else "",
            "needed": tier.needed,
            "over_minutes": tier.over_minutes,
            "over_cost": tier.over_cost,
            "outside_hours": tier.outside_hours,
            "for_roles": tier.for_roles,
        }
        for tier in tiers
    ]
    return shown + [{}] * (MOST_TIERS - len(shown))
