"""The search of the security events, and what is said about an alarm."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.enums import Severity
from audit.forms.logs import DAY, midnight
from audit.queries.security import USUAL_DAYS, EventFilters
from audit.security_kinds import SECURITY_KINDS
from labitory.lib.forms import Styled


class EventSearchForm(Styled, forms.Form):
    """What to look for; dates are days of the reader's zone, both included."""

    severity = forms.TypedChoiceField(
        label=_("From severity"),
        required=False,
        choices=Severity.choices,
        coerce=int,
        empty_value="",
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    person = forms.CharField(label=_("Person"), max_length=100, required=False)
    address = forms.GenericIPAddressField(label=_("Address"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DAY)
    until = forms.DateField(label=_("Until"), required=False, widget=DAY)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        kind = self.fields["kind"]
        if isinstance(kind, forms.ChoiceField):
            words = [(code, str(each.words)) for code, each in SECURITY_KINDS.items()]
            kind.choices = [("", _("All")), *sorted(words, key=lambda pair: pair[1])]

    def clean(self) -> dict[str, Any]:
        """A search always has a first and a last day: usually the last week."""
        found = super().clean() or self.cleaned_data
        today = timezone.localtime(self.now).date()
        found["until"] = min(found.get("until") or today, today)
        found["since"] = found.get("since") or found["until"] - timedelta(days=USUAL_DAYS)
        if found["until"] < found["since"]:
            self.add_error("until", _("The last day lies before the first one."))
        return found

    def filters(self, before: tuple[datetime, int] | None) -> EventFilters:
        """The search as the query understands it."""
        found = self.cleaned_data
        return EventFilters(
            since=midnight(found["since"]),
            until=midnight(found["until"] + timedelta(days=1)),
            severity=found["severity"] or Severity.INFO,
            kind=found["kind"],
            person=found["person"],
            address=found["address"],
            before=before,
        )


class AlertNoteForm(forms.Form):
    """What somebody found who looked at an alarm."""

    note = forms.CharField(label=_("What was it?"), max_length=300, strip=True)
