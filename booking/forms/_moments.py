"""Typed times: read in the reader's own zone, with words for the two nights a year that differ."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
INPUT_FORMAT = "%Y-%m-%dT%H:%M"


def active_zone() -> ZoneInfo:
    """The zone in which this reader types and reads times."""
    return ZoneInfo(timezone.get_current_timezone_name())


def is_gap(naive: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks of the zone never show this time."""
    there_and_back = naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None) != naive


def is_fold(naive: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks of the zone show this time twice."""
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.utcoffset() != second.utcoffset() and not is_gap(naive, zone)


def fold_choices(naive: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """The two moments that a doubled time can mean."""
    labels = (_("the first %(time)s, %(name)s"), _("the second %(time)s, %(name)s"))
    return [
        (str(fold), label % {"time": f"{naive:%H:%M}", "name": moment.tzname()})
        for fold, label in enumerate(labels)
        for moment in [naive.replace(tzinfo=zone, fold=fold)]
    ]


class MomentField(forms.Field):
    """A date and time: as typed, in the reader's zone, or ISO 8601 with an offset.

    Gives an aware moment; a doubled time comes back without a zone, for the form to ask which.
    """

    widget = forms.DateTimeInput(format=INPUT_FORMAT, attrs={"type": "datetime-local"})

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        """Show a moment as the reader's wall clock; leave alone what cannot be read."""
        typed = value
        try:
            if isinstance(value, str):
                value = datetime.fromisoformat(value)
            if isinstance(value, datetime) and value.tzinfo is not None:
                value = value.astimezone(active_zone()).replace(tzinfo=None)
        except (ValueError, OverflowError):
            return typed
        return f"{value:%Y-%m-%dT%H:%M}" if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:  # noqa: ANN401 - Django's signature
        """Read the text; refuse what is no time, what never was, and what is absurdly far."""
        if value in self.empty_values:
            return None
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError as error:
            raise ValidationError(
                _("Write a date and a time, such as 2026-03-02 14:30."), code="invalid"
            ) from error
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValidationError(_("This year cannot be meant."), code="invalid")
        moment = moment.replace(second=0, microsecond=0)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        zone = active_zone()
        if is_gap(moment, zone):
            raise ValidationError(_gap_text(moment, zone), code="gap")
        if is_fold(moment, zone):
            return moment
        return moment.replace(tzinfo=zone).astimezone(UTC)


def _gap_text(naive: datetime, zone: ZoneInfo) -> str:
    """Why the time does not exist, and which do."""
    before = naive.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
    after = naive.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    jump = int(abs(before - after).total_seconds() // 60)
    return _(
        "%(time)s does not exist on %(day)s: the clocks are put forward by %(n)s minutes "
        "that night. Choose a time before or after."
    ) % {"time": f"{naive:%H:%M}", "day": date_format(naive, "j F Y"), "n": jump}


class MomentsForm(forms.Form):
    """A form with typed times; `<field>_fold` says which of two equal times is meant."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folds: dict[str, list[tuple[str, str, bool]]] = {}

    def resolve(self, name: str) -> datetime | None:
        """The moment of a field; where the clocks show it twice, the one that was chosen."""
        value: datetime | None = self.cleaned_data.get(name)
        if value is None:
            return None
        zone = active_zone()
        if value.tzinfo is not None:
            local = value.astimezone(zone)
            if is_fold(local.replace(tzinfo=None), zone):
                self._offer(name, local.replace(tzinfo=None), str(local.fold))
            return value
        chosen = self.data.get(f"{name}_fold", "")
        self._offer(name, value, chosen)
        if chosen not in ("0", "1"):
            raise ValidationError(
                _(
                    "%(time)s comes twice on %(day)s, because the clocks are put back that "
                    "night. Say which one you mean."
                )
                % {"time": f"{value:%H:%M}", "day": date_format(value, "j F Y")},
                code="fold",
            )
        return value.replace(tzinfo=zone, fold=int(chosen)).astimezone(UTC)

    def clean_start_time(self) -> datetime | None:
        """The start as a moment."""
        return self.resolve("start_time")

    def clean_end_time(self) -> datetime | None:
        """The end as a moment."""
        return self.resolve("end_time")

    def _offer(self, name: str, naive: datetime, chosen: str) -> None:
        self.folds[name] = [
            (value, label, value == chosen) for value, label in fold_choices(naive, active_zone())
        ]
