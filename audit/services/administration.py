"""What somebody did in the administration, written like every other act."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Field, ForeignKey, Model

from audit.services.logs import record

Changes = Mapping[str, tuple[Any, Any]]


def record_added(*, actor: Any, target: Model, now: datetime) -> None:  # noqa: ANN401 - a user
    """Keep that an object was added, with its first values."""
    values = stored_values(target)
    changes = {name: (None, value) for name, value in values.items() if value not in (None, "")}
    record(action="admin.added", actor=actor, target=target, now=now, changes=changes)


def record_changed(
    *,
    actor: Any,  # noqa: ANN401 - a user
    target: Model,
    now: datetime,
    changes: Changes,
    reason: str = "",
) -> None:
    """Keep what was changed, each field before and after; nothing changed leaves no record."""
    differing = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if differing:
        record(
            action="admin.changed",
            actor=actor,
            target=target,
            now=now,
            changes=differing,
            reason=reason,
        )


def record_deleted(*, actor: Any, target: Model, now: datetime) -> None:  # noqa: ANN401 - a user
    """Keep that an object was deleted, with its last values."""
    values = stored_values(target)
    changes = {name: (value, None) for name, value in values.items() if value not in (None, "")}
    record(action="admin.deleted", actor=actor, target=target, now=now, changes=changes)


def stored_values(target: Model) -> dict[str, Any]:
    """The values of an object as the database has them; relations by the other's name."""
    stored = type(target)._base_manager.filter(pk=target.pk).first()
    return {} if stored is None else values_of(stored)


def values_of(target: Model) -> dict[str, Any]:
    """The values of an object's own fields."""
    return {field.name: _value(target, field) for field in target._meta.concrete_fields}


def _value(target: Model, field: "Field[Any, Any]") -> Any:  # noqa: ANN401 - any field's value
    value = field.value_from_object(target)
    if isinstance(field, ForeignKey) and value is not None:
        return str(getattr(target, field.name))
    return value
