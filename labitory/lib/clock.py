"""The one clock. Only adapters ask it; everything deeper is handed `now`."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The present moment in UTC."""
    return timezone.now()
