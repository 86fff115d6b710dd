"""Deleting security events and accesses that are too old; the only way to delete them."""

from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef

from audit.models import DataAccess, SecurityAlert, SecurityEvent


def delete_security_events(*, before: datetime, limit: int, now: datetime) -> int:
    """Delete up to so many events, with what was handled of the alarms they raised.

    An event stays as long as its alarm waits. Part of the open transaction, in which alone the
    database lets events go.
    """
    waiting = SecurityAlert.objects.filter(event=OuterRef("pk"), handled_at=None)
    old = SecurityEvent.objects.filter(~Exists(waiting), at__lt=before).order_by("at")
    ids = list(old.values_list("pk", flat=True)[:limit])
    _let_go("on")
    SecurityEvent.objects.filter(pk__in=ids).delete()
    _let_go("off")
    return len(ids)


def delete_accesses(*, before: datetime, limit: int, now: datetime) -> int:
    """Delete up to so many rows of who looked at whose data; part of the open transaction."""
    ids = list(
        DataAccess.objects.filter(at__lt=before).order_by("at").values_list("pk", flat=True)[:limit]
    )
    return DataAccess.objects.filter(pk__in=ids).delete()[0]


def _let_go(setting: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.retention', %s, true)", [setting])
