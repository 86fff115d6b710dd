"""The shape of a new calendar feed: what it shows, and its name."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.enums import FeedScope
from booking.queries.feeds import can_view_lab_feed, offered_groups, offered_on
from labitory.lib.forms import Styled


class FeedForm(Styled, forms.Form):
    """What a feed shows: one's bookings, a group, the lab or an instrument; `scope:id` each."""

    shows = forms.ChoiceField(label=gettext_lazy("It shows"))
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("As your calendar program will call it, such as Phone."),
    )

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(f"group:{each.public_id}", each.name) for each in offered_groups(user)]
        tools = [(f"resource:{key}", name) for key, name in offered_on(user, now=now)]
        whole = [(FeedScope.LAB.value, FeedScope.LAB.label)] if can_view_lab_feed(user) else []
        self.fields["shows"].choices = [  # type: ignore[attr-defined]
            (FeedScope.MINE.value, FeedScope.MINE.label),
            *whole,
            *([(_("Research groups"), groups)] if groups else []),
            (_("Instruments"), tools),
        ]

    @property
    def wanted(self) -> dict[str, Any]:
        """What the service is asked for."""
        scope, _colon, key = self.cleaned_data["shows"].partition(":")
        found = {"scope": FeedScope(scope), "name": self.cleaned_data["name"]}
        return found | ({f"{scope}_id": UUID(key)} if key else {})
