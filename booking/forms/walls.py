"""The shape of a new display: what it shows, and its name."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.enums import WallKind
from booking.queries.walls import offered_walls
from labitory.lib.forms import Styled


class DisplayForm(Styled, forms.Form):
    """What a display shows, `kind:key`, and where it hangs."""

    shows = forms.ChoiceField(label=_("It shows"))
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        required=False,
        help_text=_("Where it hangs, such as Corridor, second floor."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped: dict[WallKind, list[tuple[str, str]]] = {}
        for each in offered_walls(user):
            label = each.title or str(each.kind.label)
            grouped.setdefault(each.kind, []).append((each.value, label))
        whole = grouped.pop(WallKind.LAB)
        choices = [*whole, *((str(kind.label), rows) for kind, rows in grouped.items())]
        self.fields["shows"].choices = choices  # type: ignore[attr-defined]
