"""Writing security events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.context import current_scope, real_person
from audit.enums import Severity
from audit.models import SecurityEvent
from audit.services.logs import plain_facts


def record_security(
    *,
    kind: str,
    severity: Severity,
    now: datetime,
    user: Any | None = None,  # noqa: ANN401 - a user; this app knows no other
    actor: Any | None = None,  # noqa: ANN401 - a user
    facts: Mapping[str, Any] | None = None,
) -> SecurityEvent:
    """Write what concerns the safety of an account, in the caller's transaction.

    `user` is whose account it is, `actor` who did it; both are None where nobody is known. The
    address, the country and the browser are those of the request. Secret facts are replaced.
    """
    scope, actor = current_scope(), real_person(actor)
    return SecurityEvent.objects.create(
        at=now,
        kind=kind,
        severity=severity,
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
