"""Writing the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from audit.context import current_scope, real_person
from audit.models import AuditLog
from labitory.lib.text import REDACTED, is_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record of an act on many things: what was done to which."""

    action: str
    target: Model
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def record(
    *,
    action: str,
    actor: Any | None,  # noqa: ANN401 - a user; this app knows no other
    target: Model,
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    facts: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditLog:
    """Write one audit record in the caller's transaction: it stands or falls with the act.

    `action` is a past tense such as `booking.rescheduled`; `changes` maps a field to its values
    before and after; `facts` help to tell the story (who for, which resource). The values of
    secret fields are replaced. `actor` is None for the system itself.
    """
    entry = Entry(action=action, target=target, changes=changes or {}, facts=facts or {})
    [log] = draft_records([entry], actor=actor, now=now, reason=reason)
    log.save(force_insert=True)
    return log


def record_many(
    entries: Sequence[Entry],
    *,
    actor: Any | None,  # noqa: ANN401 - as above
    now: datetime,
    reason: str = "",
) -> None:
    """Write the records of one act on many things, in one statement."""
    AuditLog.objects.bulk_create(draft_records(entries, actor=actor, now=now, reason=reason))


def draft_records(
    entries: Sequence[Entry],
    *,
    actor: Any | None,  # noqa: ANN401 - as above
    now: datetime,
    reason: str = "",
) -> list[AuditLog]:
    """The records for who writes them with the other rows of the act, in the same transaction."""
    scope, actor = current_scope(), real_person(actor)
    return [
        AuditLog(
            at=now,
            action=entry.action,
            actor_id=None if actor is None else actor.pk,
            actor_name="" if actor is None else str(actor)[:200],
            object_type=entry.target._meta.label_lower,
            object_id=str(entry.target.pk),
            object_name=str(entry.target)[:200],
            changes={
                field: [_plain(field, before), _plain(field, after)]
                for field, (before, after) in entry.changes.items()
                if before != after
            },
            facts=plain_facts(entry.facts),
            reason=reason[:500],
            request_id=scope.request_id,
            address=scope.address or None,
        )
        for entry in entries
    ]


def plain_facts(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """Facts as JSON can hold them; secrets never."""
    return {name: _plain(name, value) for name, value in (facts or {}).items()}


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - any field's value
    """A value as JSON can hold it; secrets never."""
    if is_secret(name):
        return REDACTED
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Model | UUID):
        return str(value)
    if isinstance(value, list | tuple | set):
        return [_plain(name, item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(str(key), item) for key, item in value.items()}
    return value if isinstance(value, str | int | float | bool | None) else str(value)
