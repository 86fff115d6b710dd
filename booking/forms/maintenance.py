"""The shapes of planned work on a resource, once or again and again."""

from datetime import time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.enums import InTheWay, MaintenanceKind
from booking.forms._moments import MomentField, MomentsForm
from booking.forms._scopes import ResourceField
from booking.forms.calendars import BlockForm
from booking.models import MaintenancePlan, MaintenanceRecord
from labitory.lib.forms import Styled

_PICK_PARTS = 2


class WorkFields(forms.Form):
    """What is said about work."""

    title = forms.CharField(
        label=gettext_lazy("What is done"),
        max_length=200,
        help_text=gettext_lazy("Everybody who looks at the calendar reads it."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=MaintenanceKind,
        initial=MaintenanceKind.PLANNED,
        required=False,
    )
    vendor = forms.CharField(label=gettext_lazy("Vendor"), max_length=120, required=False)
    cost = forms.DecimalField(
        label=gettext_lazy("Cost"),
        max_digits=10,
        decimal_places=2,
        min_value=0,
        required=False,
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For those who look after the lab."),
    )


class MaintenanceForm(WorkFields, BlockForm):
    """Work that takes a whole resource out of use; the last fields are for looking for a time."""

    fault = forms.UUIDField(required=False, widget=forms.HiddenInput)
    way = forms.ChoiceField(required=False, choices=InTheWay)
    hours_from = forms.TimeField(
        label=gettext_lazy("Between"),
        initial=time(8),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    hours_until = forms.TimeField(
        label=gettext_lazy("and"),
        initial=time(18),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("within the next days"),
        initial=14,
        required=False,
        min_value=1,
        max_value=60,
    )

    field_order = ("resource", "title", "kind", "start_time", "end_time", "vendor", "cost", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Three buttons say it instead.
        del self.fields["cancel_bookings"]

    @property
    def said_way(self) -> InTheWay:
        """What shall happen to bookings in the way."""
        return InTheWay(self.cleaned_data["way"] or InTheWay.REFUSE)

    @property
    def hours(self) -> tuple[time, time]:
        """The hours of the day within which another time is looked for."""
        values = self.cleaned_data
        return values["hours_from"] or time(8), values["hours_until"] or time(18)


class WorkEditForm(MaintenanceForm):
    """The same for work that is planned already: its resource stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["resource"]


# Offered while one types, each in words; any other rule may be written.
RHYTHMS = (
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2",
    "FREQ=WEEKLY;BYDAY=MO",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=MONTHLY;INTERVAL=3",
    "FREQ=YEARLY",
)


class PlanForm(WorkFields, Styled, MomentsForm):
    """Work that comes back."""

    resource = ResourceField(label=gettext_lazy("Instrument"), empty_label=gettext_lazy("Choose…"))
    start_time = MomentField(
        label=gettext_lazy("First time"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("For how many minutes"), min_value=1, max_value=20160, initial=120
    )
    rule = forms.CharField(
        label=gettext_lazy("How often"),
        max_length=300,
        initial="FREQ=MONTHLY;BYDAY=1MO",
        widget=forms.TextInput(attrs={"list": "rhythms"}),
        help_text=gettext_lazy(
            "A rule of calendars, without an end or with COUNT or UNTIL: FREQ=WEEKLY;BYDAY=MO is "
            "every Monday, FREQ=MONTHLY;BYDAY=1MO each first Monday, FREQ=MONTHLY;INTERVAL=3 every "
            "three months on the day of the first time."
        ),
    )

    rhythms = RHYTHMS
    field_order = (
        "resource",
        "title",
        "kind",
        "start_time",
        "minutes",
        "rule",
        "vendor",
        "cost",
        "notes",
    )

    def __init__(
        self, *args: Any, actor: User, plan: MaintenancePlan | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["resource"]
        if plan is not None:
            del self.fields["resource"]
        elif isinstance(field, ResourceField):
            field.offer(actor=actor, code="maintenance.manage", wanted=self["resource"].value())


def picked(data: QueryDict) -> QueryDict:
    """The posted form, with the time whose button was pressed put in place."""
    parts = data.get("pick", "").split("|")
    if len(parts) != _PICK_PARTS:
        return data
    changed = data.copy()
    changed["start_time"], changed["end_time"] = parts
    return changed


def values_of(work: MaintenanceRecord | MaintenancePlan) -> dict[str, Any]:
    """What stands about work or a plan, as its form shows it."""
    values = {name: getattr(work, name) for name in ("title", "kind", "vendor", "cost", "notes")}
    if isinstance(work, MaintenancePlan):
        return values | {
            "start_time": work.first_start,
            "minutes": work.minutes,
            "rule": work.rule,
        }
    return values | {"start_time": work.start_time, "end_time": work.end_time}
