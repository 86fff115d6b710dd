"""The shape of a price."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms._choices import PriceClassField
from accounts.models import User
from accounts.queries.units import price_classes
from booking.forms._scopes import ResourceField
from booking.models import Price
from booking.queries.prices import CODE
from booking.queries.scopes import offered_types
from labitory.lib.forms import Styled

_DIGITS = 8
_NUMBER = {"step": "0.01", "min": "0", "inputmode": "decimal"}


class MoneyField(forms.DecimalField):
    """An amount of the lab's currency."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=0,
            max_digits=_DIGITS,
            decimal_places=2,
            widget=forms.NumberInput(attrs=_NUMBER),
            **kwargs,
        )


class PriceForm(Styled, forms.Form):
    """Of what, for whom, how much, from when."""

    resource = ResourceField(
        label=gettext_lazy("Instrument"),
        empty_label=gettext_lazy("No single instrument"),
        required=False,
    )
    resource_type = forms.ChoiceField(label=gettext_lazy("Or type"), required=False)
    price_class = PriceClassField(
        label=gettext_lazy("For"),
        required=False,
        help_text=gettext_lazy("Those whose project or research group pays by this class."),
    )
    per_hour = MoneyField(label=gettext_lazy("Per hour"))
    per_booking = MoneyField(
        label=gettext_lazy("Per booking"),
        initial=Decimal(0),
        help_text=gettext_lazy("Once for each booking, however long it is."),
    )
    valid_from = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Bookings that start on this day or later."),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place, kind, whom = (
            self.fields[name] for name in ("resource", "resource_type", "price_class")
        )
        if isinstance(place, ResourceField):
            place.offer(actor=actor, code=CODE, wanted=self["resource"].value())
        if isinstance(kind, forms.ChoiceField):
            types = offered_types(viewer=actor, code=CODE)
            named = [(str(each.public_id), each.name) for each in types]
            kind.choices = [("", _("No type")), *named]
        if isinstance(whom, PriceClassField):
            classes = [(each.code, each.name) for each in price_classes()]
            whom.choices = [("", _("Everybody else")), *classes]


def price_initial(price: Price) -> dict[str, Any]:
    """A price as its form shows it."""
    return {
        "resource": price.resource.code if price.resource else "",
        "resource_type": str(price.resource_type.public_id) if price.resource_type else "",
        "price_class": price.price_class.code if price.price_class else "",
        "per_hour": price.per_hour,
        "per_booking": price.per_booking,
        "valid_from": price.valid_from,
    }
