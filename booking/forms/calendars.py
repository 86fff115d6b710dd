"""The shape of weekly hours and of closures."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.forms._moments import MomentField, MomentsForm
from booking.forms._scopes import ResourceField
from booking.models import OpeningHours
from booking.models.calendars import WEEKDAYS
from booking.permissions import can_manage_calendar
from labitory.lib.forms import Styled
from labitory.lib.periods import Period

# Lines a day: shown at least, offered at most, and read at most (the admin may have made more).
FEWEST_ROWS, OFFERED_ROWS, MOST_ROWS = 2, 8, 48
OTHER_WORKDAYS = range(1, 5)
LINE = re.compile(r"(?:opens|closes)_[0-6]_(\d{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the editor: from when until when."""

    number: int
    opens: forms.BoundField
    closes: forms.BoundField
    is_overnight: bool

    @property
    def errors(self) -> list[str]:
        """What is wrong with it."""
        return [str(error) for field in (self.opens, self.closes) for error in field.errors]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A weekday of the editor with its lines."""

    weekday: int
    name: str
    rows: tuple[Row, ...]


class HoursForm(Styled, forms.Form):
    """Intervals of each weekday as pairs of times; an empty pair is no interval."""

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        self.rows = min(max(rows, FEWEST_ROWS), MOST_ROWS)
        super().__init__(*args, **kwargs)

    def _names(self) -> Iterable[tuple[int, int, str, str]]:
        for day, _name in WEEKDAYS:
            for row in range(self.rows):
                yield day, row, f"opens_{day}_{row}", f"closes_{day}_{row}"

    @staticmethod
    def _field(label: str) -> forms.TimeField:
        return forms.TimeField(
            label=label,
            required=False,
            widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"}),
            error_messages={"invalid": _("Write a time of day, such as 08:30.")},
        )

    def build(self) -> "HoursForm":
        """Make the fields of all lines."""
        for day, row, opens, closes in self._names():
            names = {"day": WEEKDAYS[day][1], "n": row + 1}
            self.fields[opens] = self._field(_("%(day)s, line %(n)s, opens") % names)
            self.fields[closes] = self._field(_("%(day)s, line %(n)s, closes") % names)
        return self

    @classmethod
    def of_hours(cls, hours: Iterable[OpeningHours]) -> "HoursForm":
        """The editor as the hours stand, with an empty line more a day."""
        initial: dict[str, time] = {}
        used: dict[int, int] = {}
        for each in hours:
            row = used.get(each.weekday, 0)
            used[each.weekday] = row + 1
            initial[f"opens_{each.weekday}_{row}"] = each.opens_at
            initial[f"closes_{each.weekday}_{row}"] = each.closes_at
        most = max(used.values(), default=0)
        return cls(initial=initial, rows=max(most, min(most + 1, OFFERED_ROWS))).build()

    @classmethod
    def of_post(cls, data: QueryDict) -> "HoursForm":
        """The editor as it was sent."""
        return cls(data, rows=_rows_sent(data)).build()

    @classmethod
    def reshaped(cls, data: QueryDict) -> "HoursForm":
        """What was sent, unjudged: `more` adds a line a day, `copy` spreads Monday's lines."""
        initial = {name: data[name] for name in data if LINE.fullmatch(name)}
        rows = _rows_sent(data)
        if "copy" in data:
            for row in range(rows):
                for word in ("opens", "closes"):
                    monday = initial.get(f"{word}_0_{row}", "")
                    initial |= {f"{word}_{day}_{row}": monday for day in OTHER_WORKDAYS}
        return cls(initial=initial, rows=rows + ("more" in data)).build()

    def clean(self) -> dict[str, Any]:
        """Both times of a line, or none."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        # Nothing sent is no wish to remove all hours.
        if _rows_sent(self.data) == 0:
            raise ValidationError(_("The hours were not sent: load the page again."))
        for _day, _row, opens, closes in self._names():
            if opens in self.errors or closes in self.errors:
                continue
            if (cleaned.get(opens) is None) != (cleaned.get(closes) is None):
                missing = opens if cleaned.get(opens) is None else closes
                self.add_error(missing, _("Write both times, or leave the line empty."))
        return cleaned

    @property
    def intervals(self) -> list[tuple[int, time, time]]:
        """Weekday, opening and closing of each line of a valid form."""
        return [
            (
                day,
                self.cleaned_data[opens].replace(second=0, microsecond=0),
                self.cleaned_data[closes].replace(second=0, microsecond=0),
            )
            for day, _row, opens, closes in self._names()
            if self.cleaned_data[opens] is not None
        ]

    @property
    def can_grow(self) -> bool:
        """Whether a day can have more lines."""
        return self.rows < OFFERED_ROWS

    @property
    def days(self) -> list[Day]:
        """The lines by weekday, for the template."""
        found: dict[int, list[Row]] = {}
        for day, row, opens, closes in self._names():
            line = Row(
                number=row + 1,
                opens=self[opens],
                closes=self[closes],
                is_overnight=self._is_overnight(opens, closes),
            )
            found.setdefault(day, []).append(line)
        return [Day(weekday=day, name=str(name), rows=tuple(found[day])) for day, name in WEEKDAYS]

    def _is_overnight(self, opens: str, closes: str) -> bool:
        start, end = (self[name].value() for name in (opens, closes))
        if not start and not isinstance(start, time):
            return False
        if not end and not isinstance(end, time):
            return False
        return _as_text(end) <= _as_text(start)


def _rows_sent(data: Iterable[str]) -> int:
    lines = [int(found[1]) for name in data if (found := LINE.fullmatch(name))]
    return min(max(lines, default=-1) + 1, MOST_ROWS)


def _as_text(value: object) -> str:
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


class BlockForm(Styled, MomentsForm):
    """A time to be kept free of bookings; what is in the way may be cancelled with the reason."""

    resource = ResourceField(label=gettext_lazy("Instrument"), empty_label=gettext_lazy("Choose…"))
    start_time = MomentField(label=gettext_lazy("From"))
    end_time = MomentField(label=gettext_lazy("Until"))
    cancel_bookings = forms.BooleanField(
        label=gettext_lazy("Cancel these bookings and tell their people the reason"),
        required=False,
    )

    # What the actor must be allowed on the resources that are offered.
    permission = "maintenance.manage"

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        field = self.fields["resource"]
        if isinstance(field, ResourceField):
            field.offer(actor=actor, code=self.permission, wanted=self["resource"].value())

    @property
    def period(self) -> Period:
        """The typed time of a valid form."""
        return Period(self.cleaned_data["start_time"], self.cleaned_data["end_time"])


class ClosureForm(BlockForm):
    """A closure of one resource or of the whole lab."""

    resource = ResourceField(
        label=gettext_lazy("What is closed"),
        empty_label=gettext_lazy("The whole lab"),
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Everybody who looks at the calendar reads it."),
    )

    field_order = ("resource", "start_time", "end_time", "reason")
    permission = "calendar.manage"

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        field = self.fields["resource"]
        if not can_manage_calendar(actor, None) and isinstance(field, ResourceField):
            # The whole lab is not theirs to close.
            field.required = True
            field.name_nothing(_("Choose…"))

    def clean_reason(self) -> str:
        """Words, not only spaces."""
        reason: str = self.cleaned_data["reason"].strip()
        if not reason:
            raise ValidationError(_("Say why it is closed."))
        return reason
