"""Writing security events."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from audit.context import current_scope, real_person
from audit.enums import Severity
from audit.models import SecurityEvent
from audit.security_kinds import SECURITY_KINDS
from audit.services._alerts import raise_alarms
from audit.services.logs import plain_facts

logger = structlog.get_logger("labitory.security")
_LEVELS = {
    Severity.INFO: logging.INFO,
    Severity.NOTICE: logging.INFO,
    Severity.WARNING: logging.WARNING,
    Severity.CRITICAL: logging.CRITICAL,
}
# Facts that hold somebody's name.
_NAMES = frozenset({"user"})


def record_security(
    *,
    kind: str,
    now: datetime,
    severity: Severity | None = None,
    user: Any | None = None,  # noqa: ANN401 - a user; this app knows no other
    actor: Any | None = None,  # noqa: ANN401 - a user
    facts: Mapping[str, Any] | None = None,
) -> SecurityEvent:
    """Write what concerns the safety of an account, in the caller's transaction.

    `user` is whose account it is, `actor` who did it; both are None where nobody is known. The
    address, the country and the browser are those of the request. Secret facts are replaced.
    Without a severity it is that of the catalogue (audit/security_kinds.py). The alert rules are
    asked at once; the line for a SIEM is written when the transaction has been committed.
    """
    scope, actor = current_scope(), real_person(actor)
    event = SecurityEvent.objects.create(
        at=now,
        kind=kind,
        severity=SECURITY_KINDS[kind].severity if severity is None else severity,
        user_id=None if user is None else user.pk,
        user_name="" if user is None else str(user)[:200],
        actor_id=None if actor is None else actor.pk,
        actor_name="" if actor is None else str(actor)[:200],
        address=scope.address or None,
        country=scope.country[:2],
        agent=scope.agent[:200],
        facts=plain_facts(facts),
        request_id=scope.request_id,
    )
    raise_alarms(event)
    transaction.on_commit(lambda: _log(event))
    return event


def _log(event: SecurityEvent) -> None:
    """One line with stable names; people by id, as logs are read by more than those who may."""
    severity = Severity(event.severity)
    logger.log(
        _LEVELS[severity],
        "security",
        event_id=event.pk,
        at=event.at.isoformat(),
        kind=event.kind,
        severity=severity.name.lower(),
        user_id=event.user_id,
        actor_id=event.actor_id,
        address=event.address or "",
        country=event.country,
        agent=event.agent,
        facts={name: value for name, value in event.facts.items() if name not in _NAMES},
        request_id=event.request_id,
    )
