"""Browsers that are known: who logged in with one is not shut out by the lock of the account."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from accounts.models import TrustedDevice, User
from accounts.queries.devices import device_tokens, known_device
from accounts.wall import acting_for
from labitory.lib.agents import say_agent
from labitory.lib.crypto import fingerprint, new_token
from labitory.lib.http import client_address, client_agent


def remember_device(request: HttpRequest, user: User, now: datetime) -> TrustedDevice:
    """Know the browser from now on as one of this person; part of the open transaction.

    A browser that was unknown gets a token, which the middleware puts into its cookie. It is still
    asked for the second factor: whoever trusts it switches `asks_factor` off and sets the day.
    """
    with acting_for(user.pk):
        return _remember(request, user, now)


def _remember(request: HttpRequest, user: User, now: datetime) -> TrustedDevice:
    until = now + timedelta(days=settings.KNOWN_DEVICE_DAYS)
    device = known_device(user, device_tokens(request), now)
    if device is None:
        token = new_token()
        request.new_device_token = token  # type: ignore[attr-defined]
        return TrustedDevice.objects.create(
            user=user,
            token_hash=fingerprint(token),
            name=say_agent(client_agent(request)),
            address=client_address(request) or None,
            added_at=now,
            used_at=now,
            expires_at=until,
        )
    device.used_at, device.address = now, client_address(request) or None
    if device.asks_factor:
        device.expires_at = until
    device.save(update_fields=["used_at", "address", "expires_at"])
    return device


def forget_devices(user: User) -> None:
    """Know none of a person's browsers any more."""
    with acting_for(user.pk):
        TrustedDevice.objects.filter(user=user).delete()
