"""Alarms: their rules after each migration, and what was done about one."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied

from audit.alarms import ALARMS, ALARMS_BY_CODE
from audit.models import AlertRule, SecurityAlert
from audit.permissions import can_handle_alerts
from audit.services.logs import record
from labitory.lib.db import run_transaction


class AlertGone(Exception):
    """Somebody else handled the alert already, or there never was one."""


def write_builtin_rules() -> None:
    """Add the rules that are new and remove those that the product no longer has.

    Numbers that somebody set are left alone.
    """

    def work() -> None:
        AlertRule.objects.exclude(code__in=ALARMS_BY_CODE).delete()
        AlertRule.objects.bulk_create(
            [
                AlertRule(
                    code=alarm.code,
                    threshold=alarm.threshold,
                    minutes=alarm.minutes,
                    severity=alarm.severity,
                )
                for alarm in ALARMS
            ],
            ignore_conflicts=True,
        )

    run_transaction(work)


def handle_alert(*, actor: Any, alert_id: int, note: str, now: datetime) -> SecurityAlert:  # noqa: ANN401 - a user
    """Keep that somebody looked at an alarm and what they found; then it may ring again."""
    if not can_handle_alerts(actor):
        raise PermissionDenied("security.manage")
    words = " ".join(note.replace("\x00", "").split())[:300]

    def work() -> SecurityAlert:
        changed = SecurityAlert.objects.filter(pk=alert_id, handled_at__isnull=True).update(
            handled_at=now,
            handled_by_id=actor.pk,
            handled_by_name=str(actor)[:200],
            note=words,
        )
        if not changed:
            raise AlertGone
        alert = SecurityAlert.objects.select_related("rule").get(pk=alert_id)
        record(action="alert.handled", actor=actor, target=alert, now=now, reason=words)
        return alert

    return run_transaction(work)
