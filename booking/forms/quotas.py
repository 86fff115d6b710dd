"""The shape of a quota, and of an adjustment of somebody's account."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.forms._choices import PersonField
from accounts.models import User
from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.forms._scopes import ResourceField
from booking.models import Quota
from booking.queries.quotas import CODE, find_holder, narrowing_choices
from booking.queries.scopes import offered_types
from labitory.lib.forms import Styled
from labitory.lib.money import to_cents

MOST_HOURS = 100_000
_NUMBER = {"step": "any", "inputmode": "decimal"}


def in_units(amount: Decimal, measure: str) -> Decimal:
    """Hours as minutes; bookings and money as they are."""
    if measure == Measure.COST:
        if amount != to_cents(amount):
            raise ValidationError(_("Write two decimals at most."))
        return to_cents(amount)
    units = amount * 60 if measure == Measure.MINUTES else amount
    if units != int(units):
        raise ValidationError(
            _("This is no whole number of minutes.")
            if measure == Measure.MINUTES
            else _("Bookings are counted in whole numbers.")
        )
    return Decimal(int(units))


def in_hours(amount: Decimal, measure: str) -> Decimal:
    """Minutes as hours; bookings and money as they are."""
    if measure == Measure.COST:
        return to_cents(amount)
    return (amount / 60 if measure == Measure.MINUTES else amount).normalize()


class AmountField(forms.DecimalField):
    """Hours, bookings or money."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_value=MOST_HOURS,
            decimal_places=4,
            widget=forms.NumberInput(attrs=_NUMBER),
            **kwargs,
        )


class QuotaForm(Styled, forms.Form):
    """How much, for how long, on what, for whom."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    measure = forms.ChoiceField(
        label=gettext_lazy("Counts"),
        choices=Measure.choices,
        initial=Measure.MINUTES,
    )
    amount = AmountField(
        label=gettext_lazy("Amount"),
        min_value=0,
        help_text=gettext_lazy("Hours, bookings, or money."),
    )
    period = forms.ChoiceField(
        label=gettext_lazy("For each"), choices=QuotaPeriod, initial=QuotaPeriod.MONTH
    )
    rolling_days = forms.IntegerField(
        label=gettext_lazy("How many days, when rolling"),
        min_value=1,
        max_value=366,
        required=False,
    )
    resource_type = forms.ChoiceField(label=gettext_lazy("On the type"), required=False)
    pool = forms.ChoiceField(label=gettext_lazy("On the pool"), required=False)
    resource = ResourceField(
        label=gettext_lazy("On the instrument"),
        empty_label=gettext_lazy("Any instrument"),
        required=False,
    )
    holder = forms.ChoiceField(
        label=gettext_lazy("Shared by"),
        choices=QuotaHolder,
        initial=QuotaHolder.USER,
        help_text=gettext_lazy("Each of them has an account of their own."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Only for the role"),
        choices=[("", gettext_lazy("Everybody")), *Role.choices],
        required=False,
    )
    user = PersonField(label=gettext_lazy("Only for the person"), required=False)
    group = forms.ChoiceField(label=gettext_lazy("Only for the research group"), required=False)
    project = forms.ChoiceField(label=gettext_lazy("Only for the project"), required=False)
    carry_percent = forms.IntegerField(
        label=gettext_lazy("Carried over, percent of what is left"),
        min_value=0,
        max_value=100,
        initial=0,
    )
    overdraft = AmountField(
        label=gettext_lazy("Overdraft with approval"),
        min_value=0,
        initial=0,
        help_text=gettext_lazy("As much can be had beyond it when approved."),
    )
    grab_hours = forms.IntegerField(
        label=gettext_lazy("Free of quota within hours of the start"),
        min_value=0,
        max_value=8784,
        required=False,
        help_text=gettext_lazy("Time that is still free so shortly before counts for nobody."),
    )
    counts_no_shows = forms.BooleanField(
        label=gettext_lazy("When nobody comes, what was booked is used up"),
        initial=True,
        required=False,
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["resource"]
        if isinstance(field, ResourceField):
            field.offer(actor=actor, code=CODE, wanted=self["resource"].value())
        types = [
            (str(each.public_id), each.name) for each in offered_types(viewer=actor, code=CODE)
        ]
        narrowing = narrowing_choices(actor)
        self._offer("resource_type", _("Any type"), types)
        self._offer("pool", _("Any pool"), narrowing.pools)
        self._offer("group", _("Any group"), narrowing.groups)
        self._offer("project", _("Any project"), narrowing.projects)

    def _offer(self, name: str, nothing: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", nothing), *choices]

    def clean(self) -> dict[str, Any]:
        """Amounts in minutes, bookings or money; ids as ids."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("amount", "overdraft"):
            if name in cleaned and "measure" in cleaned:
                try:
                    cleaned[name] = in_units(cleaned[name], cleaned["measure"])
                except ValidationError as error:
                    self.add_error(name, error)
        for name in ("resource_type", "pool", "group", "project"):
            cleaned[name] = UUID(cleaned[name]) if cleaned.get(name) else None
        return cleaned


def quota_initial(quota: Quota) -> dict[str, Any]:
    """A quota as its form shows it."""
    return {
        "name": quota.name,
        "measure": quota.measure,
        "amount": f"{in_hours(quota.amount, quota.measure):f}",
        "period": quota.period,
        "rolling_days": quota.rolling_days,
        "resource": quota.resource.code if quota.resource else "",
        "resource_type": str(quota.resource_type.public_id) if quota.resource_type else "",
        "pool": str(quota.pool.public_id) if quota.pool else "",
        "holder": quota.holder,
        "role": quota.role,
        "user": quota.user.username if quota.user else "",
        "group": str(quota.group.public_id) if quota.group else "",
        "project": str(quota.project.public_id) if quota.project else "",
        "carry_percent": quota.carry_percent,
        "overdraft": f"{in_hours(quota.overdraft, quota.measure):f}",
        "grab_hours": quota.grab_hours,
        "counts_no_shows": quota.counts_no_shows,
    }


class AdjustmentForm(Styled, forms.Form):
    """Whose account, in which period, by how much, and why."""

    who = forms.CharField(label=gettext_lazy("Whose account"), max_length=254)
    day = forms.DateField(
        label=gettext_lazy("A day of the period"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    amount = AmountField(
        label=gettext_lazy("How much more"),
        min_value=-MOST_HOURS,
        help_text=gettext_lazy("Hours, bookings, or money; with a minus it is less."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("It stands in the ledger, for all who share the account."),
    )

    def __init__(self, *args: Any, quota: Quota, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quota = quota
        words = {
            QuotaHolder.USER: _("A user name or e-mail address."),
            QuotaHolder.GROUP: _("The name of a research group."),
            QuotaHolder.PROJECT: _("The account code of a project."),
        }
        self.fields["who"].help_text = words[QuotaHolder(quota.holder)]

    def clean_who(self) -> int:
        """The key of the holder."""
        found = find_holder(self.quota, self.cleaned_data["who"])
        if found is None:
            raise ValidationError(_("There is nobody of that name."))
        return found

    def clean_amount(self) -> Decimal:
        """Minutes, bookings or money."""
        return in_units(self.cleaned_data["amount"], self.quota.measure)
