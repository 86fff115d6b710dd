"""The shape of a time-first search."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.forms._moments import active_zone
from booking.forms.bookings import POOL_PREFIX
from booking.models import Resource, ResourcePool, ResourceType
from booking.models.calendars import WEEKDAYS
from booking.queries.choices import meant_pool, meant_resources, meant_type
from labitory.lib.periods import Period, local_midnight

TYPE_PREFIX = "type:"
LONGEST_SEARCH = timedelta(days=92)
USUAL_SEARCH = timedelta(days=14)
MOST_CHOSEN = 50
LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440)


class FindTimeForm(forms.Form):
    """What is wanted, how long, on which days, at which hours, and until when."""

    what = forms.Field(label=gettext_lazy("What"), required=False, widget=forms.SelectMultiple)
    minutes = forms.IntegerField(
        label=gettext_lazy("At least"), min_value=1, max_value=20160, initial=60
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    hour_from = forms.TimeField(
        label=gettext_lazy("Not before"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    hour_until = forms.TimeField(
        label=gettext_lazy("Not after"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    from_date = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    until_date = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    trained = forms.BooleanField(
        label=gettext_lazy("Only what I have the training for"), required=False
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.today: date = now.astimezone(active_zone()).date()
        self.resources: list[Resource] = []
        self.type: ResourceType | None = None
        self.pool: ResourcePool | None = None
        self.fields["from_date"].initial = self.today
        self.fields["until_date"].initial = self.today + USUAL_SEARCH

    def clean_what(self) -> list[str]:
        """Instruments by code, one type, or one pool; nothing means every instrument."""
        words = list(dict.fromkeys(str(w) for w in self.cleaned_data["what"] or [] if w))
        kinds = [w for w in words if w.startswith((TYPE_PREFIX, POOL_PREFIX))]
        if kinds and len(words) > 1:
            raise ValidationError(_("Choose one type, one pool, or only instruments."))
        if len(words) > MOST_CHOSEN:
            raise ValidationError(_("Choose at most %(n)s instruments.") % {"n": MOST_CHOSEN})
        if kinds:
            self.type = meant_type(kinds[0].removeprefix(TYPE_PREFIX))
            self.pool = meant_pool(kinds[0].removeprefix(POOL_PREFIX))
            is_known = bool(self.type or self.pool)
        else:
            found = meant_resources(words)
            self.resources = list(found.values())
            is_known = len(found) == len(words)
        if not is_known:
            raise ValidationError(_("There is no such instrument. Choose one from the list."))
        return words

    def clean(self) -> dict[str, Any]:
        """Dates in order and not too far apart."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        first = max(cleaned["from_date"] or self.today, self.today)
        last = cleaned["until_date"] or first + USUAL_SEARCH
        if last < first:
            self.add_error("until_date", _("The last day must not come before the first."))
        elif last - first > LONGEST_SEARCH:
            self.add_error(
                "until_date",
                _("A search may span at most %(n)s days.") % {"n": LONGEST_SEARCH.days},
            )
        self.first, self.last = first, last
        return cleaned

    @property
    def window(self) -> Period:
        """The searched days of a valid form, never the past."""
        zone = active_zone()
        start = local_midnight(self.first, zone)
        return Period(max(start, self.now), local_midnight(self.last + timedelta(days=1), zone))

    @property
    def minimum(self) -> timedelta:
        """The wanted length of a valid form."""
        return timedelta(minutes=self.cleaned_data["minutes"])

    @property
    def hours(self) -> tuple[time, time] | None:
        """Between which hours of the lab's day, or None for any; midnight may lie between."""
        opens, closes = self.cleaned_data["hour_from"], self.cleaned_data["hour_until"]
        if not opens and not closes:
            return None
        return (opens or time.min, closes or time.min)

    @property
    def days(self) -> frozenset[int] | None:
        """Which weekdays, Monday being 0, or None for any."""
        return frozenset(self.cleaned_data["weekdays"]) or None

    def as_query(self, **changes: object) -> str:
        """The search as an address, with some of its answers changed ('' drops one)."""
        query = QueryDict(mutable=True)
        for name in self.fields:
            for value in self.data.getlist(name) if hasattr(self.data, "getlist") else []:
                if value:
                    query.appendlist(name, value)
        for name, value in changes.items():
            query.pop(name, None)
            if value != "":
                query[name] = str(value)
        return query.urlencode()
