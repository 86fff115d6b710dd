"""The browsers that somebody once logged in with."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import TrustedDevice, User
from accounts.wall import acting_for, acting_for_found
from labitory.lib.crypto import fingerprint

# The cookie holds one token an account, the newest first: people share the computers of a lab.
DEVICE_COOKIE = settings.KNOWN_DEVICE_COOKIE_NAME
MOST_TOKENS = 8
_LONGEST_TOKEN = 64


def device_tokens(request: HttpRequest) -> list[str]:
    """What the browser shows to be recognised by: one token for each account it knows."""
    words = request.COOKIES.get(DEVICE_COOKIE, "").split(".")
    return [word for word in words if 0 < len(word) <= _LONGEST_TOKEN][:MOST_TOKENS]


def known_device(user: User, tokens: Sequence[str], now: datetime) -> TrustedDevice | None:
    """The person's known browser that shows one of the tokens; the most trusted if there are two.

    It is spared the second factor only where `asks_factor` is off.
    """
    if not tokens:
        return None
    with acting_for(user.pk):
        return _among(tokens, now).filter(user=user).first()


def device_of_name(name: str, tokens: Sequence[str], now: datetime) -> TrustedDevice | None:
    """The same, for who says at login to be `name`."""
    if not tokens:
        return None
    field = "email__iexact" if "@" in name else "username__iexact"
    named = User.objects.filter(**{field: name.replace("\x00", "")})
    with acting_for_found(named) as person:
        return _among(tokens, now).filter(user=person).first() if person else None


def known_devices(user: User, now: datetime) -> list[TrustedDevice]:
    """All browsers that are known to be the person's, the last used first."""
    with acting_for(user.pk):
        return list(TrustedDevice.objects.filter(user=user, expires_at__gt=now))


def find_known_device(user: User, public_id: UUID) -> TrustedDevice | None:
    """One of the person's own."""
    with acting_for(user.pk):
        return TrustedDevice.objects.filter(user=user, public_id=public_id).first()


def _among(tokens: Sequence[str], now: datetime) -> "QuerySet[TrustedDevice]":
    hashes = [fingerprint(token) for token in tokens]
    found = TrustedDevice.objects.filter(token_hash__in=hashes, expires_at__gt=now)
    return found.order_by("asks_factor", "-used_at")
