"""Where somebody's own calendar lies, and what counts when both sides differ."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.enums import RemotePolicy
from labitory.lib.forms import Styled, class_of

# Each asks another's server: the page and the interface count together.
CONNECT_GROUP, CONNECT_RATE = "remote-calendar", "20/h"


class RemoteCalendarForm(Styled, forms.Form):
    """An address of a CalDAV server with a name and password for it."""

    url = forms.URLField(
        label=_("Address of the calendar"),
        max_length=1000,
        assume_scheme="https",
        help_text=_("The CalDAV address, such as https://cloud.example.org/remote.php/dav/."),
    )
    username = forms.CharField(label=_("User name there"), max_length=200)
    password = forms.CharField(
        label=_("Password there"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Make an app password for Labitory where the server offers them."),
    )
    policy = forms.ChoiceField(
        label=_("When I change an entry there"),
        choices=RemotePolicy.choices,
        initial=RemotePolicy.ASK,
    )

    def offer(self, calendars: Sequence[Mapping[str, str]]) -> None:
        """Let one of several calendars be chosen by its name; the password is typed once more."""
        widget = forms.Select(choices=[(each["url"], each["name"]) for each in calendars])
        widget.attrs["class"] = class_of(widget)
        shown = self["url"]
        shown.field.widget = widget
        shown.label, shown.help_text = _("Which calendar"), ""
        self.add_error(
            None, _("There are several calendars there: choose one, and type the password again.")
        )
