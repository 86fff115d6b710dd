"""The places that roles are granted for: which there are, what each is called, who may be asked.

Types and resources live in an app above this one, which declares them here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import ScopeKind
from accounts.models import Unit
from accounts.permissions.grants import Where

MOST_OFFERED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One kind of place: where a key of it lies (None: gone), their names, and what to offer."""

    where: Callable[[int], Where | None]
    names: Callable[[Collection[int]], Mapping[int, str]]
    # Key, name and place of each that may be chosen, by name.
    offered: Callable[[], list[tuple[int, str, Where]]]


_scopes: dict[ScopeKind, Scope] = {}
_PLACES = {
    ScopeKind.UNIT: gettext_lazy("in %(name)s"),
    ScopeKind.TYPE: gettext_lazy("on every %(name)s"),
    ScopeKind.RESOURCE: gettext_lazy("on %(name)s"),
}


def declare_scope(kind: ScopeKind, scope: Scope) -> None:
    """Say how places of a kind are found; each kind is declared once."""
    if kind in _scopes:
        raise ValueError(f"scope {kind} is declared twice")
    _scopes[kind] = scope


def where_is(kind: ScopeKind, key: int | None) -> Where | None:
    """The place that a grant of this kind and key is about; None when there is none such."""
    if kind == ScopeKind.EVERYWHERE or key is None:
        return None
    return _scopes[kind].where(key)


def names_of(kind: ScopeKind, keys: Collection[int]) -> Mapping[int, str]:
    """The names of places by key; those that are gone are missing."""
    return _scopes[kind].names(keys) if keys else {}


def say_place(kind: ScopeKind, key: int | None, names: Mapping[int, str] | None = None) -> str:
    """Where a grant counts, in words; `names` spares the look when they are known."""
    if kind == ScopeKind.EVERYWHERE or key is None:
        return _("everywhere")
    name = (names_of(kind, [key]) if names is None else names).get(key)
    return _PLACES[kind] % {"name": name} if name else _("in a place that is gone")


def offered_places(kind: ScopeKind) -> list[tuple[int, str, Where]]:
    """The places of a kind to choose from, by name."""
    return _scopes[kind].offered()


def _unit(key: int) -> Where | None:
    return Where(unit_id=key) if Unit.objects.filter(pk=key).exists() else None


def _unit_names(keys: Collection[int]) -> Mapping[int, str]:
    return dict(Unit.objects.filter(pk__in=keys).values_list("pk", "name"))


def _units() -> list[tuple[int, str, Where]]:
    rows = Unit.objects.filter(is_active=True).order_by("name").values_list("pk", "name")
    return [(pk, name, Where(unit_id=pk)) for pk, name in rows[:MOST_OFFERED]]


declare_scope(ScopeKind.UNIT, Scope(where=_unit, names=_unit_names, offered=_units))
