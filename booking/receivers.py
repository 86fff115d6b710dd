"""The only Django signal receivers: what lower apps tell, put into the outbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.signals import account_told
from booking.events import post_event


@receiver(account_told)
def post_account_event(
    kind: str,
    now: datetime,
    user_pk: int | None = None,
    address: str = "",
    facts: Mapping[str, Any] | None = None,
    **_details: Any,
) -> None:
    """Somebody is to be told of their account; the event holds no token, links are made later."""
    payload = {"user": user_pk, "address": address, "facts": dict(facts or {})}
    post_event(kind=kind, payload=payload, now=now)
