"""A person's own data: consents, who looked, requests, and the copy of everything."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model, Q, QuerySet

from accounts.enums import PrivacyRequestKind
from accounts.holdings import SECRET_FIELDS, Fate, holdings, obstacles_to_erasure
from accounts.models import Consent, PrivacyRequest, User
from accounts.retention import days_kept
from accounts.wall import acting_for
from audit.models import AuditLog, DataAccess, SecurityEvent
from audit.words import kind_label

FORMAT = "labitory-personal-data/1"
_PLAIN = (str, int, float, list, dict, datetime)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenErasure:
    """A request for erasure that waits for an answer, and what stands against it."""

    request: PrivacyRequest
    is_late: bool
    obstacles: list[str]


def consents_of(user: User) -> "QuerySet[Consent]":
    """What the person agreed to, and what they took back; newest first."""
    return Consent.objects.filter(user=user).order_by("-given_at")


def accesses_to(user: User) -> "QuerySet[DataAccess]":
    """Who looked at the person's data, newest first."""
    return DataAccess.objects.filter(subject_id=user.pk)


def requests_of(user: User) -> "QuerySet[PrivacyRequest]":
    """What the person asked for, newest first."""
    return PrivacyRequest.objects.filter(user=user)


def open_erasure(user: User) -> PrivacyRequest | None:
    """The person's request for erasure that nobody has answered yet."""
    asked = requests_of(user).filter(kind=PrivacyRequestKind.ERASURE, done_at=None)
    return asked.first()


def erasures_to_answer(now: datetime) -> list[OpenErasure]:
    """All requests for erasure that wait, the one due first on top."""
    asked = PrivacyRequest.objects.filter(kind=PrivacyRequestKind.ERASURE, done_at=None)
    return [
        OpenErasure(
            request=request,
            is_late=request.due_at < now,
            obstacles=obstacles_to_erasure(request.user, now),
        )
        for request in asked.select_related("user").order_by("due_at")[:100]
    ]


def kept_after_erasure() -> list[str]:
    """What stays under a pseudonym, in words, each reason once."""
    kept = (each for each in holdings() if each.fate is Fate.KEPT)
    return list(dict.fromkeys(str(each.why) for each in kept))


def retention_days() -> list[tuple[str, int]]:
    """How many days each kind of data is kept, in words."""
    return [(str(kind.label), days) for kind, days in days_kept().items()]


def copy_of(user: User, *, now: datetime) -> dict[str, Any]:
    """Everything that is kept of a person, ready for JSON.

    Passwords, keys and tokens are left out; other people are named only where the person sees
    their names anyway.
    """
    with acting_for(user.pk):
        kept = {
            f"{each.model}.{each.field}": [
                _row(row, user) for row in _rows(each.model, each.field, user)
            ]
            for each in holdings()
            if not each.left_out
        }
    return {
        "format": FORMAT,
        "made_at": now,
        "account": _row(user, user),
        "kept": kept,
        "security_events": list(_events(user)),
        "looked_at_by": [_row(row, user) for row in accesses_to(user)],
        "audit": list(_audit(user)),
    }


def _rows(model: str, field: str, user: User) -> Iterator[Model]:
    found = apps.get_model(model)._base_manager.filter(**{field: user})
    linked = [each.name for each in found.model._meta.concrete_fields if each.is_relation]
    yield from found.select_related(*linked).order_by("pk")


def _row(row: Model, user: User) -> dict[str, Any]:
    return {
        field.name: _value(row, field, user)
        for field in row._meta.concrete_fields
        if field.name not in SECRET_FIELDS
    }


def _value(row: Model, field: "Field[Any, Any]", user: User) -> Any:  # noqa: ANN401 - any field's
    if not isinstance(field, ForeignKey):
        value = field.value_from_object(row)
        return value if value is None or isinstance(value, _PLAIN) else str(value)
    if field.related_model is User:
        return _who(field.value_from_object(row), user)
    other = getattr(row, field.name)
    return None if other is None else str(other)


def _who(pk: int | None, user: User) -> str | None:
    if pk is None:
        return None
    return "yourself" if pk == user.pk else "another person"


def _events(user: User) -> Iterator[dict[str, Any]]:
    """What concerned the safety of the account; of others neither name nor address."""
    for event in SecurityEvent.objects.filter(user_id=user.pk):
        is_own = event.actor_id in (None, user.pk)
        yield {
            "at": event.at,
            "kind": event.kind,
            "severity": event.severity,
            "by": _who(event.actor_id, user),
            "address": event.address if is_own else None,
            "country": event.country if is_own else "",
            "agent": event.agent if is_own else "",
            "facts": event.facts,
        }


def _audit(user: User) -> Iterator[dict[str, Any]]:
    """What the person did, and what was done to the account."""
    about = Q(object_type=User._meta.label_lower, object_id=str(user.pk))
    for log in AuditLog.objects.filter(about | Q(actor_id=user.pk)):
        is_own = log.object_type == User._meta.label_lower and log.object_id == str(user.pk)
        yield {
            "at": log.at,
            "action": log.action,
            "by": _who(log.actor_id, user) or "the system",
            "about": "yourself" if is_own else kind_label(log.object_type),
            "changes": log.changes if is_own else sorted(log.changes),
            "reason": log.reason,
            "address": log.address if log.actor_id == user.pk else None,
        }
