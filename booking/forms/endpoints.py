"""The shape of chat rooms and webhooks."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.enums import EndpointKind
from booking.forms._scopes import ResourcesField
from booking.models import Endpoint
from booking.notifications.outside import ROOM_TITLES, offered_kinds
from booking.notifications.topics import say_kind
from labitory.lib.forms import Styled

_ADDRESSES = {
    EndpointKind.WEBHOOK: _("Where your server listens. It begins with https://."),
    EndpointKind.TEAMS: _("Of a workflow “When a Teams webhook request is received”."),
    EndpointKind.SLACK: _("Of an app with incoming webhooks: https://hooks.slack.com/…"),
    EndpointKind.MATTERMOST: _("Of an incoming webhook: https://your-server/hooks/…"),
}
_GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Bookings"), ("booking",)),
    (_("Faults and maintenance"), ("resource", "fault", "maintenance")),
    (_("At the instrument"), ("session",)),
    (_("Approvals, access and safety"), ("approval", "access", "assessment")),
    (_("Training"), ("training",)),
    (_("Waiting list, swaps and quotas"), ("offer", "waiting", "proposal", "quota")),
)
# One by one by program only: a page of them all helps nobody to choose.
_WHOLE = ("account", "system")
_ALL = _("All of %(noun)s*, later ones too")
_REST = _("Accounts and this system")


@dataclass(frozen=True, slots=True)
class Tick:
    """A kind to choose; `is_all` is all of its noun, those that come later included.

    Who writes programs chooses by the `code`; people in rooms read the label alone.
    """

    value: str
    label: str
    is_chosen: bool
    is_all: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds about the same."""

    label: str
    ticks: tuple[Tick, ...]

    @property
    def is_chosen(self) -> bool:
        """Whether anything of it is."""
        return any(each.is_chosen for each in self.ticks)


class EndpointForm(Styled, forms.Form):
    """What it is called, where it is, and what it hears of."""

    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kinds = forms.Field(label=_("What it hears of"), required=False)
    resources = ResourcesField(label=_("Only of these instruments"), required=False)
    is_dry_run = forms.BooleanField(
        label=_("Try only"),
        required=False,
        help_text=_("Messages are written and shown in the log, but never leave this system."),
    )

    def __init__(
        self, *args: Any, kind: EndpointKind, endpoint: Endpoint | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["kinds"].widget = forms.CheckboxSelectMultiple()
        self.fields["url"].help_text = str(_ADDRESSES[kind])
        if endpoint is not None:
            self.fields["url"].required = False
            self.fields["url"].label = _("Another address")
            self.fields["url"].help_text = _("Leave it empty to keep the one it has.")
        field = self.fields["resources"]
        if isinstance(field, ResourcesField):
            field.offer(self["resources"].value())

    @property
    def groups(self) -> list[Group]:
        """What can be chosen, under what it is about."""
        offered = offered_kinds(self.kind)
        named = {noun for _label, nouns in _GROUPS for noun in nouns}
        rest = tuple(noun for noun in offered if noun not in named)
        found = [
            Group(str(label), tuple(tick for noun in nouns for tick in self._ticks(noun, offered)))
            for label, nouns in (*_GROUPS, (_REST, rest))
        ]
        return [group for group in found if group.ticks]

    def _ticks(self, noun: str, offered: dict[str, list[str]]) -> list[Tick]:
        kinds = offered.get(noun, [])
        chosen = {str(each) for each in self["kinds"].value() or []}
        whole = f"{noun}."
        ticks = [
            Tick(each, self._word(each), each in chosen, code=each if self._is_program else "")
            for each in kinds
            if noun not in _WHOLE or each in chosen
        ]
        if len(kinds) > 1:
            label = str(_ALL) % {"noun": whole}
            ticks.insert(0, Tick(whole, label, whole in chosen, is_all=True))
        return ticks

    @property
    def _is_program(self) -> bool:
        return self.kind == EndpointKind.WEBHOOK

    def _word(self, kind: str) -> str:
        if self._is_program:
            return say_kind(kind)
        return str(ROOM_TITLES[kind]) % {"resource": "…", "state": "…"}

    @property
    def members(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Short code, name and whether it is chosen, under the names of the types."""
        chosen = {str(code) for code in self["resources"].value() or []}
        field = self.fields["resources"]
        groups = field.listed.by_type if isinstance(field, ResourcesField) else []
        return [
            (name, [(each.code, each.name, each.code in chosen) for each in members])
            for name, members in groups
        ]

    @property
    def details(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        cleaned = self.cleaned_data
        ids: tuple[UUID, ...] = tuple(each.public_id for each in cleaned["resources"])
        return {
            "name": cleaned["name"],
            "url": cleaned["url"],
            "kinds": tuple(str(each) for each in cleaned["kinds"] or ()),
            "resource_ids": ids,
            "is_dry_run": cleaned["is_dry_run"],
        }


def as_typed(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as its form shows it; its address is not shown again."""
    return {
        "name": endpoint.name,
        "kinds": endpoint.kinds,
        "resources": [each.code for each in endpoint.resources.all()],
        "is_dry_run": endpoint.is_dry_run,
    }
