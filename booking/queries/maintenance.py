"""Planned work on resources, as lists."""

from datetime import datetime

from django.db.models import Q, QuerySet

from booking.models import MaintenanceRecord


def maintenance_ahead(*, now: datetime) -> "QuerySet[MaintenanceRecord]":
    """Work that goes on or is to come, the soonest first."""
    return (
        MaintenanceRecord.objects.filter(cancelled_at=None, end_time__gt=now)
        .select_related("resource", "created_by")
        .order_by("start_time", "pk")
    )


def maintenance_past(*, now: datetime) -> "QuerySet[MaintenanceRecord]":
    """Work that is done or was called off, the latest first."""
    return (
        MaintenanceRecord.objects.filter(Q(end_time__lte=now) | Q(cancelled_at__isnull=False))
        .select_related("resource", "created_by")
        .order_by("-start_time", "-pk")
    )
