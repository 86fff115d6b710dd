"""The organisation: faculties, colleges, departments, and price classes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import ScopeKind, UnitKind
from accounts.errors import AccountRefused
from accounts.locks import lock_units
from accounts.models import PriceClass, Unit, User
from accounts.permissions.units import can_manage_units
from accounts.services._refusals import Known, naming_what_is_taken, require, require_fields
from accounts.services._units import require_place
from audit.services import record
from labitory.lib.db import run_transaction

_TAKEN: Known = {
    "accounts_unit_code_key": (
        "unit.code_taken",
        gettext_lazy("There is a unit with this code already."),
        "code",
    ),
    "unit_name_unique": (
        "unit.name_taken",
        gettext_lazy("There is a unit of this name there already."),
        "name",
    ),
    "accounts_priceclass_code_key": (
        "price_class.code_taken",
        gettext_lazy("There is a price class with this code already."),
        "code",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDetails:
    """What is said of a unit."""

    kind: UnitKind
    name: str
    code: str
    parent_id: UUID | None = None


def create_unit(*, actor: User, details: UnitDetails, now: datetime) -> Unit:
    """Add a unit to the organisation, one level below the unit it lies in.

    Raises AccountRefused with the field at fault.
    """
    require(can_manage_units(actor), "unit")

    def work() -> Unit:
        parent = _parent(lock_units(), details)
        unit = Unit(kind=details.kind, name=details.name, code=details.code, parent=parent)
        require_fields(unit, exclude=["parent"])
        with naming_what_is_taken(_TAKEN):
            unit.save()
        # Whoever was granted something for the unit above has it here too.
        _forget_grants()
        record(action="unit.created", actor=actor, target=unit, now=now)
        return unit

    return run_transaction(work)


def change_unit(*, actor: User, unit_id: UUID, details: UnitDetails, now: datetime) -> Unit:
    """Rename a unit or move it; a unit with parts keeps its kind. Raises Unit.DoesNotExist."""
    require(can_manage_units(actor), "unit")

    def work() -> Unit:
        units = lock_units()
        unit = _of(units, unit_id)
        if details.kind != unit.kind and any(each.parent_id == unit.pk for each in units):
            raise AccountRefused(
                code="unit.has_parts",
                text=_("A unit with parts keeps its kind: move its parts first."),
                field="kind",
            )
        wanted = {
            "kind": details.kind,
            "name": details.name,
            "code": details.code,
            "parent": _parent(units, details),
        }
        names = {each.pk: each for each in units}
        before = {name: getattr(unit, name) for name in ("kind", "name", "code")}
        before["parent"] = names.get(unit.parent_id) if unit.parent_id else None
        changes = {n: (before[n], value) for n, value in wanted.items() if before[n] != value}
        if not changes:
            return unit
        for name, value in wanted.items():
            setattr(unit, name, value)
        require_fields(unit, exclude=["parent"])
        with naming_what_is_taken(_TAKEN):
            unit.save(update_fields=list(wanted))
        if "parent" in changes:
            _forget_grants()
        record(action="unit.changed", actor=actor, target=unit, now=now, changes=changes)
        return unit

    return run_transaction(work)


def deactivate_unit(*, actor: User, unit_id: UUID, now: datetime) -> Unit:
    """Close a unit that has no open parts and no active groups; what it was stays on record."""
    require(can_manage_units(actor), "unit")

    def work() -> Unit:
        units = lock_units()
        unit = _of(units, unit_id)
        parts = [each.name for each in units if each.parent_id == unit.pk and each.is_active]
        groups = list(unit.groups.filter(is_active=True).values_list("name", flat=True)[:5])
        if parts or groups:
            raise AccountRefused(
                code="unit.in_use",
                text=_("%(unit)s still has %(names)s: move or close these first.")
                % {"unit": unit.name, "names": ", ".join([*parts, *groups][:5])},
            )
        return _set_active(actor, unit, now, active=False)

    return run_transaction(work)


def reactivate_unit(*, actor: User, unit_id: UUID, now: datetime) -> Unit:
    """Open a closed unit again, once the unit it lies in is open."""
    require(can_manage_units(actor), "unit")

    def work() -> Unit:
        units = lock_units()
        unit = _of(units, unit_id)
        if any(each.pk == unit.parent_id and not each.is_active for each in units):
            raise AccountRefused(
                code="unit.parent_closed", text=_("Open the unit that it lies in first.")
            )
        return _set_active(actor, unit, now, active=True)

    return run_transaction(work)


def save_price_class(
    *, actor: User, code: str, name: str, now: datetime, known_as: str = ""
) -> PriceClass:
    """Add a price class, or change the one that is `known_as` a code now.

    Raises PriceClass.DoesNotExist and AccountRefused.
    """
    require(can_manage_units(actor), "unit")

    def work() -> PriceClass:
        found = PriceClass.objects.get(code=known_as) if known_as else PriceClass()
        changes = {"code": (found.code, code), "name": (found.name, name)}
        if not any(before != after for before, after in changes.values()):
            return found
        found.code, found.name = code, name
        require_fields(found)
        with naming_what_is_taken(_TAKEN):
            found.save()
        action = "price_class.changed" if known_as else "price_class.created"
        record(action=action, actor=actor, target=found, now=now, changes=changes)
        return found

    return run_transaction(work)


def _of(units: list[Unit], public_id: UUID) -> Unit:
    found = next((unit for unit in units if unit.public_id == public_id), None)
    if found is None:
        raise Unit.DoesNotExist
    return found


def _parent(units: list[Unit], details: UnitDetails) -> Unit | None:
    """The unit it shall lie in; one that does not exist is as good as none."""
    parent = next((unit for unit in units if unit.public_id == details.parent_id), None)
    require_place(details.kind, parent)
    return parent


def _forget_grants() -> None:
    """Whoever holds a role for a unit may hold it for other units now."""
    User.objects.filter(role_grants__scope_kind=ScopeKind.UNIT).update(
        grants_version=F("grants_version") + 1
    )


def _set_active(actor: User, unit: Unit, now: datetime, *, active: bool) -> Unit:
    if unit.is_active == active:
        return unit
    unit.is_active = active
    unit.save(update_fields=["is_active"])
    record(
        action="unit.opened" if active else "unit.closed",
        actor=actor,
        target=unit,
        now=now,
        changes={"is_active": (not active, active)},
    )
    return unit
