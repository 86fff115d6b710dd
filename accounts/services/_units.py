"""Where a unit may lie: the shared rule of the organisation's tree."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.enums import UnitKind
from accounts.errors import AccountRefused
from accounts.models import Unit


def require_place(kind: UnitKind, parent: Unit | None) -> None:
    """A faculty lies in nothing, each other kind in an open unit of the kind above.

    As each kind lies below another one, no unit can come to lie within itself.
    """
    levels: Sequence[UnitKind] = list(UnitKind)
    level = levels.index(kind)
    if level == 0:
        if parent is not None:
            raise AccountRefused(
                code="unit.level", text=_("A faculty lies in no other unit."), field="parent"
            )
        return
    if parent is None or parent.kind != levels[level - 1]:
        raise AccountRefused(
            code="unit.level",
            text=_("A %(kind)s lies in a %(above)s: choose one.")
            % {"kind": kind.label.lower(), "above": levels[level - 1].label.lower()},
            field="parent",
        )
    if not parent.is_active:
        raise AccountRefused(
            code="unit.parent_closed",
            text=_("%(unit)s is closed.") % {"unit": parent},
            field="parent",
        )
