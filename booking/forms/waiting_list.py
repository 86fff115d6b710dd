"""The shape of what somebody waits for."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.enums import WaitingKind
from booking.errors import BookingError
from booking.forms._moments import MomentField, MomentsForm
from booking.forms.bookings import POOL_PREFIX
from booking.forms.find_time import TYPE_PREFIX
from booking.models import WaitingEntry
from booking.models.calendars import WEEKDAYS
from booking.queries.choices import (
    bookable_choices,
    meant_pool,
    meant_resources,
    meant_type,
    offered_types,
)
from labitory.lib.forms import Styled
from labitory.lib.periods import Period

_TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
# The services' names for fields that the form calls differently.
_FIELD_OF = {"resource": "what", "latest": "end_time", "earliest": "start_time"}


class WaitingForm(Styled, MomentsForm):
    """What, how long, in which window, on which days and hours; held or only told."""

    what = forms.CharField(
        label=gettext_lazy("What"), max_length=60, widget=forms.Select, strip=True
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes in one piece"), min_value=1, max_value=20160, initial=60
    )
    start_time = MomentField(label=gettext_lazy("From"))
    end_time = MomentField(label=gettext_lazy("Until"))
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    day_from = forms.TimeField(label=gettext_lazy("Not before"), required=False, widget=_TIME)
    day_until = forms.TimeField(label=gettext_lazy("Not after"), required=False, widget=_TIME)
    kind = forms.ChoiceField(
        label=gettext_lazy("When it is free"),
        choices=WaitingKind.choices,
        initial=WaitingKind.HOLD,
        widget=forms.RadioSelect,
    )
    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=200, required=False)
    project = forms.UUIDField(
        label=gettext_lazy("Project"),
        required=False,
        error_messages={"invalid": gettext_lazy("Choose a project from the list, or none.")},
    )

    def __init__(self, *args: Any, actor: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope: dict[str, Any] = {}
        chosen = str(self["what"].value() or "")
        offered = bookable_choices(
            viewer=actor, now=now, wanted=[chosen] if ":" not in chosen else []
        )
        self.fields["what"].widget.choices = [
            ("", _("Choose…")),
            (
                _("Any of a type"),
                [(f"{TYPE_PREFIX}{each.public_id}", each.name) for each in offered_types()],
            ),
            (
                _("Any of a pool"),
                [(f"{POOL_PREFIX}{each.public_id}", each.name) for each in offered.pools],
            ),
            (_("One instrument"), [(each.code, each.name) for each in offered.resources]),
        ]

    def clean_what(self) -> str:
        """A type, a pool, or an instrument by its short code or public id."""
        word: str = self.cleaned_data["what"]
        if word.startswith(TYPE_PREFIX):
            kind = meant_type(word.removeprefix(TYPE_PREFIX))
            self.scope = {"type_id": kind.public_id} if kind else {}
        elif word.startswith(POOL_PREFIX):
            pool = meant_pool(word.removeprefix(POOL_PREFIX))
            self.scope = {"pool_id": pool.public_id} if pool else {}
        else:
            found = meant_resources([word])
            self.scope = {"resource_id": found[word].public_id} if found else {}
        if not self.scope:
            raise ValidationError(_("There is no such instrument. Choose one from the list."))
        return word

    @property
    def wish(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        given = self.cleaned_data
        return {
            **self.scope,
            "window": Period(given["start_time"], given["end_time"]),
            "minutes": given["minutes"],
            "kind": WaitingKind(given["kind"]),
            "weekdays": frozenset(given["weekdays"]),
            "day_from": given["day_from"],
            "day_until": given["day_until"],
            "project_id": given["project"],
            "purpose": given["purpose"],
        }

    def show(self, error: BookingError) -> None:
        """Put a service's refusals where they belong."""
        for refusal in error.refusals:
            name = _FIELD_OF.get(refusal.field, refusal.field)
            self.add_error(name if name in self.fields else None, refusal.text)


def initial_of(entry: WaitingEntry) -> dict[str, Any]:
    """The form of what is waited for already."""
    if entry.resource is not None:
        what = entry.resource.code
    elif entry.resource_type is not None:
        what = f"{TYPE_PREFIX}{entry.resource_type.public_id}"
    else:
        what = f"{POOL_PREFIX}{entry.pool.public_id}" if entry.pool else ""
    return {
        "what": what,
        "minutes": entry.minutes,
        "start_time": entry.earliest,
        "end_time": entry.latest,
        "weekdays": entry.weekdays,
        "day_from": entry.day_from,
        "day_until": entry.day_until,
        "kind": entry.kind,
        "purpose": entry.purpose,
        "project": entry.project.public_id if entry.project else None,
    }
