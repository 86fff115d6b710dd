"""The shape of what people choose to hear: timings by topic or kind, quiet hours, reminders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.enums import RemindLead, Timing
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import ready_channels
from booking.notifications.channels.base import Channel
from booking.notifications.topics import Topic, say_kind
from booking.queries.reach import Choice, Chosen
from labitory.lib.forms import Styled
from labitory.lib.text import say_minutes

WEEKDAYS = [
    (0, gettext_lazy("Monday")),
    (1, gettext_lazy("Tuesday")),
    (2, gettext_lazy("Wednesday")),
    (3, gettext_lazy("Thursday")),
    (4, gettext_lazy("Friday")),
    (5, gettext_lazy("Saturday")),
    (6, gettext_lazy("Sunday")),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the matrix: what it is about, and a field for each channel."""

    label: str | Promise
    hint: str | Promise
    topic: str
    cells: tuple[tuple[Channel, forms.BoundField], ...]


class TimingsForm(forms.Form):
    """A field for each row and channel; the rows are topics, or the kinds of one topic.

    A topic whose kinds differ shows "various", and is left alone when that is sent
    back.
    """

    def __init__(
        self,
        *args: Any,
        chosen: Chosen,
        topics: Sequence[Topic],
        topic: Topic | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.channels = ready_channels()
        self._chosen = chosen
        self._topics = {} if topic else {each.key: each for each in topics}
        self._kinds: dict[str, Sequence[str]] = (
            {name: [name] for name in topic.kinds}
            if topic
            else {key: list(each.kinds) for key, each in self._topics.items()}
        )
        for word, kinds in self._kinds.items():
            label = self._topics[word].label if self._topics else say_kind(word)
            for channel in self.channels:
                self.fields[f"{word}:{channel.name}"] = self._field(label, kinds, channel)

    def _field(
        self, label: str | Promise, kinds: Sequence[str], channel: Channel
    ) -> forms.ChoiceField:
        found = {
            self._chosen.timing(kind, channel.name, channel.default(CATALOGUE[kind]))
            for kind in kinds
        }
        choices: list[tuple[str, Any]] = [(each.value, each.label) for each in channel.timings]
        if len(found) > 1:
            choices.insert(0, ("", _("Various")))
        name = f"{channel.label}, {label}"
        return forms.ChoiceField(
            label=name,
            choices=choices,
            required=False,
            initial=found.pop().value if len(found) == 1 else "",
            # On a desk the column's head stands for the label, and is not tied to the field.
            widget=forms.Select(attrs={"class": "form-select form-select-sm", "aria-label": name}),
        )

    def rows(self) -> Iterator[Row]:
        """The matrix, in order."""
        for word in self._kinds:
            topic = self._topics.get(word)
            yield Row(
                label=topic.label if topic else say_kind(word),
                hint=topic.hint if topic else "",
                topic=word if topic else "",
                cells=tuple((each, self[f"{word}:{each.name}"]) for each in self.channels),
            )

    @property
    def choices(self) -> Mapping[Choice, Timing]:
        """What was sent, kind by kind; what was left open is not among it."""
        return {
            (kind, channel.name): Timing(value)
            for word, kinds in self._kinds.items()
            for channel in self.channels
            if (value := self.cleaned_data.get(f"{word}:{channel.name}"))
            for kind in kinds
        }


class ScheduleForm(Styled, forms.Form):
    """Quiet hours and the time of the digest, on the clock of one's zone; when one is reminded."""

    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("until"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    digest_at = forms.TimeField(
        label=gettext_lazy("Digest at"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    digest_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekly digest on"), choices=WEEKDAYS, coerce=int
    )
    remind_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Remind me of my bookings"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={
            "invalid_choice": gettext_lazy("Choose one of the times in the list, or the lab's.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead = self.fields["remind_minutes"]
        if isinstance(lead, forms.ChoiceField):
            lead.choices = [("", _as_the_lab()), *RemindLead.choices]


def _as_the_lab() -> str:
    times = ", ".join(say_minutes(each) for each in settings.REMIND_BEFORE_MINUTES)
    return _("As the lab does: %(times)s before") % {"times": times}
