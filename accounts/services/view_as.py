"""Beginning and ending to look at the pages as another person."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import AccountRefused
from accounts.models import User
from accounts.permissions.roles import can_view_as
from accounts.view_as.state import LASTS
from audit.enums import Severity
from audit.services import record
from audit.services.data_access import record_access
from audit.services.security import record_security
from labitory.lib.db import run_transaction


def start_view_as(*, actor: User, user: User, now: datetime, reason: str) -> datetime:
    """Begin to look as somebody who may nothing that the actor may not; gives the end.

    Both names stand in the audit log with the reason. Raises AccountRefused.
    """
    if not can_view_as(actor, user):
        raise AccountRefused(
            code="permission.view_as",
            text=_("You may look as people only who may nothing that you may not."),
            field="user",
        )
    if not reason.strip():
        text = _("Say why: it is kept in the audit log.")
        raise AccountRefused(code="view_as.reason", text=text, field="reason")
    until = now + LASTS

    def work() -> None:
        _keep("view_as.started", actor, user, now, reason.strip())
        record_access(viewer=actor, subjects=[user], what="person.view_as", now=now)

    run_transaction(work)
    return until


def end_view_as(*, actor: User, user: User, now: datetime, reason: str = "") -> None:
    """Keep that somebody looks as themselves again: by their own act, or because time was up."""
    run_transaction(lambda: _keep("view_as.ended", actor, user, now, reason))


def _keep(action: str, actor: User, user: User, now: datetime, reason: str) -> None:
    facts = {"user": user.full_name}
    record(action=action, actor=actor, target=user, now=now, facts=facts, reason=reason)
    record_security(
        kind=action, severity=Severity.NOTICE, user=user, actor=actor, facts=facts, now=now
    )
