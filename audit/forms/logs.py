"""The search of the audit log."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.queries.logs import USUAL_RANGE, LogFilters
from audit.words import kinds
from labitory.lib.forms import Styled

EARLIEST_YEAR = 2000
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LogSearchForm(Styled, forms.Form):
    """What to look for; dates are days of the reader's zone, both included."""

    text = forms.CharField(label=_("Text"), max_length=100, required=False)
    actor = forms.CharField(label=_("Who"), max_length=100, required=False)
    action = forms.CharField(
        label=_("Action"),
        max_length=60,
        required=False,
        help_text=_("The whole word or its beginning, such as booking or booking.cancelled."),
    )
    object_type = forms.ChoiceField(label=_("Kind of object"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DAY)
    until = forms.DateField(label=_("Until"), required=False, widget=DAY)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        kind = self.fields["object_type"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = [("", _("All")), *kinds()]

    def clean(self) -> dict[str, Any]:
        """A search always has a first and a last day: usually the last 90 days."""
        found = super().clean() or self.cleaned_data
        days = [(name, found[name]) for name in ("since", "until") if found.get(name)]
        for name, day in days:
            if day.year < EARLIEST_YEAR:
                self.add_error(name, _("Choose a day that has a date in the log."))
        if self.errors:
            return found
        today = timezone.localtime(self.now).date()
        found["until"] = found.get("until") or today
        found["since"] = found.get("since") or found["until"] - USUAL_RANGE
        if found["until"].year > today.year + 1:
            self.add_error("until", _("Choose a day that has a date in the log."))
        elif found["until"] < found["since"]:
            self.add_error("until", _("The last day lies before the first one."))
        return found

    def filters(self) -> LogFilters:
        """The search as the query understands it."""
        found = self.cleaned_data
        return LogFilters(
            since=midnight(found["since"]),
            until=midnight(found["until"] + timedelta(days=1)),
            actor=found["actor"],
            action=found["action"],
            object_type=found["object_type"],
            text=found["text"],
        )


def midnight(day: date) -> datetime:
    """The beginning of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def place_of(text: str) -> tuple[datetime, int] | None:
    """The place in the list that an 'older' link carries (`moment_id`), or None."""
    moment, _mark, number = text.rpartition("_")
    try:
        at, pk = datetime.fromisoformat(moment), int(number)
    except ValueError:
        return None
    return (at, pk) if at.tzinfo is not None and 0 < pk < 2**63 else None
