"""The profile: its shape, never its rules."""

import zoneinfo
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import DateFormat, Theme, TimeFormat
from accounts.models import User, UserPreferences, UserProfile
from labitory.lib.forms import Styled

_REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


def zone_choices() -> list[tuple[str, Any]]:
    """The lab's zone first, then every place by region."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _REGIONS
    )
    groups = [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in found])
        for region, found in groupby(names, key=lambda name: name.partition("/")[0])
    ]
    lab = _("The lab's: %(zone)s") % {"zone": settings.LAB_TIME_ZONE.replace("_", " ")}
    return [("", lab), ("UTC", "UTC"), *groups]


def _length(model: Any, name: str) -> int:  # noqa: ANN401 - any model
    return int(model._meta.get_field(name).max_length)


class ProfileForm(Styled, forms.Form):
    """What people may change about themselves. Any other posted field is not looked at."""

    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=_length(User, "first_name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=_length(User, "last_name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    phone = forms.RegexField(
        r"^[+0-9 ()/.\-]*$",
        label=gettext_lazy("Phone"),
        max_length=_length(UserProfile, "phone"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={
            "invalid": gettext_lazy("Write a phone number with digits, such as +49 30 1234.")
        },
    )
    emergency_contact = forms.CharField(
        label=gettext_lazy("Emergency contact"),
        max_length=_length(UserProfile, "emergency_contact"),
        required=False,
        help_text=gettext_lazy("Whom to call when something happens to you in the lab."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    affiliation = forms.CharField(
        label=gettext_lazy("Group or department"),
        max_length=_length(UserProfile, "affiliation"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lazy(zone_choices, list)(),
        required=False,
        help_text=gettext_lazy("Times are shown in this zone. Bookings follow the lab's days."),
    )
    date_format = forms.ChoiceField(label=gettext_lazy("Date format"), choices=DateFormat)
    time_format = forms.ChoiceField(label=gettext_lazy("Time format"), choices=TimeFormat)
    theme = forms.ChoiceField(label=gettext_lazy("Colours"), choices=Theme)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    show_name = forms.BooleanField(
        label=gettext_lazy("Show my name on shared calendars"),
        required=False,
        help_text=UserPreferences._meta.get_field("show_name").help_text,
    )
