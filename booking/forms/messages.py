"""The search of the log of messages."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.enums import DeliveryStatus
from booking.notifications.channels import SENDERS
from booking.notifications.topics import TOPICS, say_kind
from booking.queries.messages import MessageFilters, Place
from labitory.lib.forms import Styled

USUAL_RANGE = timedelta(days=30)
EARLIEST_YEAR = 2000
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def kind_choices() -> list[tuple[str, Any]]:
    """All kinds under their topics, each topic first as a whole."""
    groups: list[tuple[str, Any]] = [("", _("All"))]
    for topic in TOPICS:
        whole = [
            (f"{noun}.", _("%(topic)s: all of “%(noun)s”") % {"topic": topic.label, "noun": noun})
            for noun in topic.nouns
        ]
        kinds = [(kind, say_kind(kind)) for kind in topic.kinds]
        groups.append((str(topic.label), [*whole, *kinds]))
    groups.append((str(_("Digests")), [("message.digest", _("Digest"))]))
    return groups


class MessageSearchForm(Styled, forms.Form):
    """What to look for; days are days of the reader's zone, both included."""

    person = forms.CharField(label=_("Name or address"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("About"), required=False)
    channel = forms.ChoiceField(label=_("By"), required=False)
    status = forms.ChoiceField(
        label=_("State"), choices=[("", _("All")), *DeliveryStatus.choices], required=False
    )
    since = forms.DateField(label=_("From"), required=False, widget=DAY)
    until = forms.DateField(label=_("Until"), required=False, widget=DAY)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        channels = [(name, str(sender.label)) for name, sender in SENDERS.items()]
        for name, choices in (("kind", kind_choices()), ("channel", [("", _("All")), *channels])):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices

    def clean(self) -> dict[str, Any]:
        """A search always has a first and a last day: usually the last 30."""
        found = super().clean() or self.cleaned_data
        today = timezone.localtime(self.now).date()
        for name in ("since", "until"):
            day = found.get(name)
            if day and not EARLIEST_YEAR <= day.year <= today.year + 1:
                self.add_error(name, _("Choose a day that has a date in the log."))
        if self.errors:
            return found
        found["until"] = found.get("until") or today
        found["since"] = found.get("since") or found["until"] - USUAL_RANGE
        if found["until"] < found["since"]:
            self.add_error("until", _("The last day lies before the first one."))
        return found

    def filters(self, before: Place | None = None) -> MessageFilters:
        """The search as the query understands it."""
        found = self.cleaned_data
        return MessageFilters(
            since=_midnight(found["since"]),
            until=_midnight(found["until"] + timedelta(days=1)),
            person=found["person"].replace("\x00", "").strip(),
            kind=found["kind"],
            channel=found["channel"],
            status=found["status"],
            before=before,
        )


def _midnight(day: date) -> datetime:
    """The beginning of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
