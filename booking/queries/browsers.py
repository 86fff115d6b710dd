"""Which browsers show a person's notices."""

from django.db.models import QuerySet

from accounts.models import User
from booking.models import PushSubscription


def browsers_of(user: User) -> "QuerySet[PushSubscription]":
    """A person's browsers, the newest first."""
    return PushSubscription.objects.filter(user=user).order_by("-created_at", "-pk")
