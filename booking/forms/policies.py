"""The shape of a limit: what, for whom, where, how much."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import User
from booking.enums import LIMIT_WORDS, Limit
from booking.forms._scopes import ResourceField
from booking.models import BookingPolicy, ResourceType
from booking.permissions import can_set_limit
from booking.queries.scopes import offered_types
from labitory.lib.forms import Styled

# The unit's minutes; a number of bookings has none.
UNITS = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080}
LARGEST = 5_256_000


class LimitForm(Styled, forms.Form):
    """One limit for a role or everybody: an amount, or none at all."""

    limit = forms.ChoiceField(label=gettext_lazy("Limit"), choices=Limit)
    role = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=[("", gettext_lazy("Everybody")), *Role.choices],
        required=False,
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        min_value=0,
        max_value=LARGEST,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text=gettext_lazy("Upcoming bookings are counted: their unit does not matter."),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"),
        choices=[
            ("minutes", gettext_lazy("minutes")),
            ("hours", gettext_lazy("hours")),
            ("days", gettext_lazy("days")),
            ("weeks", gettext_lazy("weeks")),
        ],
        initial="hours",
        required=False,
    )
    is_unlimited = forms.BooleanField(
        label=gettext_lazy("No limit here, whatever holds elsewhere"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """An amount or the word that there is none, never both; the value in the limit's unit."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "amount" in self.errors or "limit" in self.errors or "unit" in self.errors:
            return cleaned
        amount, is_unlimited = cleaned.get("amount"), cleaned.get("is_unlimited")
        if (amount is None) != bool(is_unlimited):
            self.add_error("amount", _("Write an amount, or tick that there is no limit."))
            return cleaned
        cleaned["value"] = None
        if amount is not None:
            try:
                cleaned["value"] = self._value(amount)
            except ValidationError as error:
                self.add_error("amount", error)
        return cleaned

    def _value(self, amount: Any) -> int:  # noqa: ANN401 - a decimal
        is_counted = LIMIT_WORDS[Limit(self.cleaned_data["limit"])] == "bookings"
        unit = 1 if is_counted else UNITS[self.cleaned_data["unit"] or "hours"]
        value = amount * unit
        if value != int(value):
            raise ValidationError(
                _("Bookings are counted in whole numbers.")
                if is_counted
                else _("This is no whole number of minutes.")
            )
        if value > LARGEST:
            raise ValidationError(_("At most ten years can be set; tick no limit instead."))
        return int(value)


class PolicyForm(LimitForm):
    """A limit with the place where it holds: one resource, one type, or everywhere."""

    resource_type = forms.ChoiceField(label=gettext_lazy("On the type"), required=False)
    resource = ResourceField(
        label=gettext_lazy("On the instrument"),
        empty_label=gettext_lazy("Any instrument"),
        required=False,
    )

    field_order = ("limit", "role", "resource_type", "resource", "amount", "unit", "is_unlimited")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        field, kind = self.fields["resource"], self.fields["resource_type"]
        code = "policy.manage"
        if isinstance(field, ResourceField):
            field.offer(actor=actor, code=code, wanted=self["resource"].value())
        offered = offered_types(viewer=actor, code=code)
        self.types = {str(each.public_id): each for each in offered}
        if isinstance(kind, forms.ChoiceField):
            kind.choices = [
                ("", _("Any type")),
                *((key, each.name) for key, each in self.types.items()),
            ]

    def clean(self) -> dict[str, Any]:
        """A limit everywhere is for who may set it everywhere."""
        cleaned: dict[str, Any] = super().clean()
        nowhere = not cleaned.get("resource") and not cleaned.get("resource_type")
        if nowhere and not self.errors and not can_set_limit(self.actor, None, None):
            self.add_error("resource", _("Choose an instrument or a type that you look after."))
        return cleaned

    def clean_resource_type(self) -> ResourceType | None:
        """The type of the id."""
        return self.types.get(self.cleaned_data["resource_type"])


def amount_and_unit(policy: BookingPolicy) -> dict[str, object]:
    """A row's value as the form shows it: the largest unit that needs no fraction."""
    if policy.value is None:
        return {"is_unlimited": True}
    if LIMIT_WORDS[Limit(policy.limit)] == "bookings":
        return {"amount": policy.value}
    name = next(
        (name for name, minutes in reversed(UNITS.items()) if policy.value % minutes == 0),
        "minutes",
    )
    return {"amount": policy.value // UNITS[name], "unit": name if policy.value else "minutes"}
