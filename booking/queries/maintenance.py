"""Planned work on resources, as lists."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from booking.models import MaintenanceRecord
from booking.queries.places import in_places


def maintenance_ahead(*, viewer: User, now: datetime) -> "QuerySet[MaintenanceRecord]":
    """Work that goes on or is to come where the viewer plans it, the soonest first."""
    return (
        _own(viewer)
        .filter(cancelled_at=None, end_time__gt=now)
        .select_related("resource", "created_by")
        .order_by("start_time", "pk")
    )


def maintenance_past(*, viewer: User, now: datetime) -> "QuerySet[MaintenanceRecord]":
    """Work that is done or was called off, the latest first."""
    return (
        _own(viewer)
        .filter(Q(end_time__lte=now) | Q(cancelled_at__isnull=False))
        .select_related("resource", "created_by")
        .order_by("-start_time", "-pk")
    )


def _own(viewer: User) -> "QuerySet[MaintenanceRecord]":
    return MaintenanceRecord.objects.filter(in_places(viewer, "maintenance.manage"))
