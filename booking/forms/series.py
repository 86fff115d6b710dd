"""The shape of a series: how often a booking repeats and when it ends."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.forms.bookings import BookingForm
from booking.models.calendars import WEEKDAYS
from labitory.lib.forms import Styled
from labitory.lib.periods import Period

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LAST_WEEK = 5
_SWAP = 3


class SeriesForm(BookingForm):
    """A booking that repeats: every so many days, weeks or months, until a day or so often."""

    unit = forms.ChoiceField(
        label=gettext_lazy("Repeat every"),
        choices=[
            ("DAILY", gettext_lazy("days")),
            ("WEEKLY", gettext_lazy("weeks")),
            ("MONTHLY", gettext_lazy("months")),
        ],
        initial="WEEKLY",
    )
    every = forms.IntegerField(
        label=gettext_lazy("Number"), min_value=1, max_value=99, initial=1, required=False
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days of the week"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    month_by = forms.ChoiceField(
        label=gettext_lazy("In the month"),
        choices=[
            ("day", gettext_lazy("on the same day of the month")),
            ("weekday", gettext_lazy("on the same weekday, such as the second Tuesday")),
        ],
        initial="day",
        required=False,
    )
    ends = forms.ChoiceField(
        label=gettext_lazy("Ends"),
        choices=[("count", gettext_lazy("after so many")), ("until", gettext_lazy("on a day"))],
        initial="count",
    )
    count = forms.IntegerField(
        label=gettext_lazy("How often"), min_value=1, max_value=1000, initial=10, required=False
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("also", None)

    def clean_resource(self) -> str:
        """A series is of one instrument, never of a pool."""
        word = super().clean_resource()
        if self.pool is not None:
            raise ValidationError(_("Choose one instrument."))
        return word

    def clean(self) -> dict[str, Any]:
        """An end belongs to every series."""
        cleaned = super().clean()
        wanted = cleaned.get("ends")
        if wanted in ("count", "until") and not self.errors.get(wanted) and not cleaned.get(wanted):
            self.add_error(wanted, _("Say when the series ends."))
        return cleaned

    @property
    def rule(self) -> str:
        """The rule of a valid form."""
        cleaned = self.cleaned_data
        unit = cleaned["unit"]
        parts = [f"FREQ={unit}"]
        if (cleaned["every"] or 1) > 1:
            parts.append(f"INTERVAL={cleaned['every']}")
        if unit == "WEEKLY" and cleaned["weekdays"]:
            parts.append("BYDAY=" + ",".join(_DAYS[day] for day in sorted(cleaned["weekdays"])))
        if unit == "MONTHLY" and cleaned["month_by"] == "weekday":
            parts.append(f"BYDAY={self._nth()}")
        if cleaned["ends"] == "until":
            parts.append(f"UNTIL={cleaned['until']:%Y%m%d}")
        else:
            parts.append(f"COUNT={cleaned['count']}")
        return ";".join(parts)

    def _nth(self) -> str:
        """The first start's weekday in its month; the fifth is the last."""
        local = self.period.start.astimezone(self.resources[0].zone)
        number = (local.day - 1) // 7 + 1
        return f"{-1 if number == _LAST_WEEK else number}{_DAYS[local.weekday()]}"


class SeriesChangeForm(Styled, forms.Form):
    """What of the rest of a series shall be different."""

    starts = forms.TimeField(
        label=gettext_lazy("Start"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=gettext_lazy("By the clock of the lab."),
    )
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=527040)
    resource = forms.CharField(label=gettext_lazy("Instrument"), max_length=60)
    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=200, required=False)
    project = forms.UUIDField(
        label=gettext_lazy("Project"),
        required=False,
        error_messages={"invalid": gettext_lazy("Choose a project from the list, or none.")},
    )


def chosen_times(data: QueryDict) -> dict[datetime, Period | None]:
    """What was ticked of a preview: `seen` are its times, `take` those wanted.

    `instead` is a time of the preview with the start and end chosen for it, with bars between.
    """
    taken = set(_moments(data.getlist("take")))
    found: dict[datetime, Period | None] = {
        seen: None for seen in _moments(data.getlist("seen")) if seen not in taken
    }
    for words in data.getlist("instead"):
        moments = list(_moments(words.split("|")))
        if len(moments) == _SWAP and moments[1] < moments[2]:
            found[moments[0]] = Period(moments[1], moments[2])
    return found


def _moments(words: Iterable[str]) -> Iterable[datetime]:
    for word in words:
        try:
            moment = datetime.fromisoformat(word)
        except ValueError:
            continue
        if moment.tzinfo is not None:
            yield moment
