"""The only Django signal receivers: what lower apps tell, put into the outbox."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.signals import password_reset_requested
from booking.events import post_event


@receiver(password_reset_requested)
def post_password_reset(user_pk: int, now: datetime, **_details: Any) -> None:
    """A mail with a link is wanted; the event names the account only, the link is made later."""
    post_event(kind="account.password_reset_requested", payload={"user": user_pk}, now=now)
